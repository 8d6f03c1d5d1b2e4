/** The selected section: its kerb straightened, its counts. */
import { type Bay, type LotPlan, nameOf } from '../city/catalogue';
import { kerbGap } from '../city/geometry';
import { goTo, place } from '../city/place';
import { countsOf, type Tally, tally } from '../city/tally';
import type { State } from '../live/wire';
import { Glyph, StateCounts } from '../parts/marks';
import { words } from '../words';
import { LotTariff } from './lot-tariff';

const WIDTH = 320;
const EDGE = 8;

type Slot = { bay: Bay; x: number; w: number };

/** Bays of one side along the strip: to scale, pushed apart only where they would touch. */
function slots(bays: Bay[], plan: LotPlan): Slot[] {
  const { from, to, along } = plan.axis;
  const scale = (WIDTH - EDGE * 2 - 12) / Math.max(to - from, 40);
  const w = Math.max(3.2, Math.min(11.5, 5.4 * scale, (WIDTH - EDGE * 2) / bays.length - 1));
  let last = EDGE - w;
  const placed = bays.map((bay) => {
    last = Math.max(last + w + 1, EDGE + (along(bay.at) - from) * scale);
    return { bay, x: last, w };
  });
  const over = last + w - (WIDTH - EDGE);
  if (over <= 0) return placed;
  let least = WIDTH - EDGE;
  for (const slot of placed.reverse()) {
    slot.x = Math.min(slot.x, least - w);
    least = slot.x - 1;
  }
  return placed.reverse();
}

const GLYPH: Record<State, string> = {
  free: '#g-free',
  occupied: '#g-occupied',
  reserved: '#g-reserved',
  owing: '#g-owing',
  verify: '#g-verify',
  faulty: '#g-faulty',
  stale: '#g-stale',
  unknown: '#g-unknown',
};

function Side({ bays, plan, y, sums }: { bays: Bay[]; plan: LotPlan; y: number; sums: Tally }) {
  const w = words.value;
  return (
    <>
      {slots(bays, plan).map(({ bay, x, w: width }) => {
        const state = sums.stateOf(bay);
        const on = place.value.level === 'bay' && place.value.id === bay.id;
        return (
          <a
            key={bay.id}
            href={`#/bay/${encodeURIComponent(bay.id)}`}
            aria-label={`${w.bayTitle(bay.number)} ${w.states[state]}`}
            aria-current={on ? 'location' : undefined}
            onClick={(event) => {
              event.preventDefault();
              goTo({ level: 'bay', id: bay.id });
            }}
          >
            <title>{`${w.bayTitle(bay.number)} · ${w.states[state]}`}</title>
            {on && <rect class="ring" x={x - 3} y={y - 3} width={width + 6} height={26} rx={4} />}
            <rect class="hit" x={x - 0.5} y={y - 2} width={width + 1} height={24} />
            <svg
              class={`g-${state === 'unknown' ? 'stale' : state}`}
              x={x}
              y={y}
              width={width}
              height={20}
              viewBox="2 0 12 16"
              preserveAspectRatio="none"
            >
              <use href={GLYPH[state]} width={16} height={16} />
            </svg>
          </a>
        );
      })}
    </>
  );
}

/** The two kerbs; bays that stand on one side only are all on the first. */
function sidesOf(plan: LotPlan): [Bay[], Bay[]] {
  const across = plan.bays.map((bay) => plan.axis.across(bay.at));
  const middle = kerbGap(across);
  if (middle === null) return [plan.bays, []];
  const far = plan.bays.filter((_, i) => (across[i] ?? 0) > middle);
  return [far, plan.bays.filter((bay) => !far.includes(bay))];
}

function Strip({ plan, sums }: { plan: LotPlan; sums: Tally }) {
  const w = words.value;
  const [far, near] = sidesOf(plan);
  const length = Math.round(plan.axis.to - plan.axis.from) + 6;
  const both = near.length > 0;
  return (
    <figure class="strip">
      <figcaption class="row between small ink3">
        <span>{w.sides(far.length)}</span>
        <span>{w.metres(length)}</span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${both ? 60 : 34}`} width="100%" role="group" aria-label={w.stripAlt}>
        <rect class="asphalt" x="0" y="2" width={WIDTH} height={both ? 56 : 30} rx="6" />
        {both && <path class="middle" d={`M8 30H${WIDTH - 8}`} />}
        <Side bays={far} plan={plan} y={6} sums={sums} />
        <Side bays={near} plan={plan} y={34} sums={sums} />
      </svg>
      {both && <p class="small ink3">{w.sides(near.length)}</p>}
    </figure>
  );
}

/** Every bay as a list, for those who do not use the strip. */
const BayList = ({ plan, sums }: { plan: LotPlan; sums: Tally }) => (
  <ul class="bay-list" aria-label={words.value.bay}>
    {plan.bays.map((bay) => (
      <li key={bay.id}>
        <button type="button" data-test={`bay-${bay.id}`} onClick={() => goTo({ level: 'bay', id: bay.id })}>
          <Glyph state={sums.stateOf(bay)} />
          {bay.number}
        </button>
      </li>
    ))}
  </ul>
);

export function Section({ plan, brief }: { plan: LotPlan; brief: boolean }) {
  const w = words.value;
  const sums = tally.value;
  if (!sums) return null;
  sums.version.value;
  return (
    <section class="sec" aria-label={w.lot} data-test="section">
      <h2>{nameOf(plan.lot)}</h2>
      <p class="small ink3">
        {plan.lot.street ? w.street : w.offStreet} · {w.bays(String(plan.bays.length))}
      </p>
      <LotTariff lot={plan.lot.id} />
      <Strip plan={plan} sums={sums} />
      <StateCounts counts={countsOf(sums.lots.get(plan.lot.id))} />
      {!brief && <BayList plan={plan} sums={sums} />}
    </section>
  );
}
