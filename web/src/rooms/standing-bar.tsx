/** Says above the page that the picture is not of this moment or a part of the city is away, and what to press. */
import { timeOf } from '../clock';
import { ageOf, cityBody, line, standing } from '../live/city-line';
import type { Standing } from '../live/standing';
import { Icon } from '../parts/marks';
import { words } from '../words';

const ICON = { sync: 'clock', late: 'clock', away: 'alert', cut: 'off', frozen: 'pause' } as const;

/** When the numbers of the city were last confirmed. */
const lastAt = (): string => timeOf(Date.now() * 1000 + line.skew - (ageOf('city') ?? 0) * 1e6);

/** Who is away, and what that means for who looks: of several, what the first means, for the others stand on it. */
function AwayWords({ parts }: { parts: string[] }) {
  const w = words.value.away;
  return (
    <span>
      <b>{w.title(parts.map(w.name))}</b>
      {w.means(parts[0] ?? '', lastAt())}
    </span>
  );
}

function saidOf(now: Exclude<Standing, { mark: 'live' | 'away' }>): string {
  const w = words.value;
  if (now.mark === 'cut') return w.cutBar(lastAt(), now.seconds, now.attempt);
  if (now.mark === 'frozen') return w.frozenBar(timeOf(now.at));
  return now.mark === 'late' ? w.lateBar(lastAt()) : w.syncBar;
}

export function StandingBar() {
  const w = words.value;
  const now = standing.value;
  if (now.mark === 'live' || (now.mark !== 'away' && !cityBody.value)) return null;
  return (
    <div class={`standing-bar ${now.mark}`} role="status" data-test="standing-bar">
      <Icon name={ICON[now.mark]} size={16} />
      {now.mark === 'away' ? <AwayWords parts={now.parts} /> : <span>{saidOf(now)}</span>}
      {now.mark === 'cut' && (
        <button type="button" onClick={() => line.retry()}>
          {w.reconnectNow}
        </button>
      )}
      {now.mark === 'frozen' && (
        <button type="button" onClick={() => line.freeze(false)}>
          {w.goOn}
        </button>
      )}
    </div>
  );
}
