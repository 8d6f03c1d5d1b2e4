/** The counter strip: the city's numbers, each with its age and its source. */
import type { ComponentChildren } from 'preact';
import { countsOf, knownOf, takenOf, tally } from '../city/tally';
import { age, count, delay, percent } from '../format';
import { ageOf, cityBody, devicesBody, standing } from '../live/city-line';
import { isCurrent } from '../live/standing';
import { words } from '../words';

const LATE_S = 10;

/** `said` is what a short `after` means, in full. */
type Cell = {
  name: string;
  label: string;
  value: ComponentChildren;
  after?: ComponentChildren;
  look?: string;
  said?: string;
};

function Counter({ cell, seconds }: { cell: Cell; seconds: number | null }) {
  const late = seconds !== null && seconds > LATE_S;
  return (
    <div data-test={`counter-${cell.name}`} title={cell.said}>
      <div class="t">
        <span class="ell">{cell.label}</span>
        <span class={late ? 'late' : ''}>{age(seconds)}</span>
      </div>
      <div class={`v ${cell.look ?? ''}`}>
        <span data-value>{cell.value}</span>
        {cell.after && (
          <small class={`ink3 ${cell.said ? 'whole' : 'ell'}`} aria-hidden={cell.said ? true : undefined}>
            {cell.after}
          </small>
        )}
        {cell.said && <span class="sr">{cell.said}</span>}
      </div>
    </div>
  );
}

function cells(): Cell[] {
  const w = words.value;
  const body = cityBody.value;
  const sums = tally.value;
  sums?.version.value;
  const counts = body?.counts ?? countsOf(sums?.city);
  const total = body?.bays ?? 0;
  const none = '–';
  const late = delay(body?.rate.delay_p50_us ?? null);
  const { online = 0, total: devices = 0 } = body?.devices ?? {};
  const offline = Object.values(devicesBody.value?.kinds ?? {}).reduce((sum, kind) => sum + kind.offline, 0);
  return [
    {
      name: 'occupancy',
      label: w.occupancy,
      value: body && knownOf(counts) ? percent(body.occupancy) : none,
      after: w.ofKnown(count(knownOf(counts))),
    },
    {
      name: 'free',
      label: w.freeBays,
      value: body ? count(counts.free ?? 0) : none,
      after: w.all(count(total)),
      look: 'free',
    },
    { name: 'occupied', label: w.parked, value: body ? count(takenOf(counts)) : none, after: w.parkedUnit },
    {
      name: 'events',
      label: w.eventsRate,
      value: body ? count(body.rate.per_min) : none,
      after: `${w.perMinute} · ${late}`,
      said: body ? w.tickerLead(count(body.rate.per_min), late) : undefined,
    },
    {
      name: 'devices',
      label: w.devicesOnline,
      value: body && devices ? percent(online / devices) : none,
      after: w.offlineN(count(offline)),
    },
    {
      name: 'unknown',
      label: w.unknownFrames,
      value: body ? count(body.unknown_frames) : none,
      after: w.framesUnit,
      look: body?.unknown_frames ? 'notice' : '',
    },
  ];
}

export function Counters() {
  const seconds = ageOf('city');
  const faint = !isCurrent(standing.value);
  return (
    <section class={`kpi float${faint ? ' faint' : ''}`} aria-label={words.value.counters}>
      {cells().map((cell) => (
        <Counter key={cell.name} cell={cell} seconds={seconds} />
      ))}
    </section>
  );
}
