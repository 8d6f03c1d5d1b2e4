/** Processes that ended unexpectedly: when, how long nobody answered, and why, if it could still be said. */
import { stampOf } from '../clock';
import { ageSince, delay } from '../format';
import { line } from '../live/city-line';
import { Nothing } from '../parts/marks';
import { useReading } from '../parts/reading';
import { NotRead } from '../parts/unread';
import { words } from '../words';
import { databaseAway } from './engine-told';

type Recovery = { worker: string; life: number; lost_us: number; back_us: number | null; why: string | null };
const SHOWN = 8;

const Row = ({ one }: { one: Recovery }) => {
  const w = words.value.engine;
  return (
    <li data-test="recovery">
      <span class="ink3" title={ageSince(one.lost_us, line.skew)}>
        {stampOf(one.lost_us)}
      </span>
      <b class="mono">{one.worker}</b>
      <span class={one.back_us === null ? 'bad' : ''}>
        {one.back_us === null ? w.notBack : `${w.away} ${delay(one.back_us - one.lost_us)}`}
      </span>
      <span class="ink2 why">{one.why ?? <span class="ink3">{w.whyUnknown}</span>}</span>
    </li>
  );
};

export function Recoveries({ turn }: { turn: number }) {
  const w = words.value.engine;
  const { value } = useReading<{ items: Recovery[] }>('/recoveries', turn);
  const items = value?.items ?? [];
  return (
    <section class="card block">
      <h2>
        {w.recoveries} <span>{w.recoveriesLead}</span>
      </h2>
      {databaseAway() && <NotRead />}
      {value && items.length === 0 && !databaseAway() ? (
        <Nothing icon="check" title={w.recoveriesNone}>
          {w.recoveriesNoneLead}
        </Nothing>
      ) : (
        <ol class="lives">
          {items.slice(0, SHOWN).map((one) => (
            <Row key={`${one.worker}${one.life}`} one={one} />
          ))}
        </ol>
      )}
    </section>
  );
}
