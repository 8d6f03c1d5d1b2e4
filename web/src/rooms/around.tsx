/** What the panel says of a city, region or road: bays by state, and its fullest sections. */
import { catalogue, type LotPlan, lotName, nameOf } from '../city/catalogue';
import { goTo, place } from '../city/place';
import { countsOf, knownOf, shareOf, type Tally, tally } from '../city/tally';
import { count, percent } from '../format';
import { Bar, StateCounts } from '../parts/marks';
import { words } from '../words';
import { sumOf } from './ladder';

const SHOWN = 8;
/** A section needs this many known bays to count as full. */
const LEAST_KNOWN = 5;

type Ranked = { plan: LotPlan; share: number; counts: ReturnType<typeof countsOf> };

function fullest(sums: Tally): Ranked[] {
  const { level, id } = place.value;
  const ranked: Ranked[] = [];
  for (const plan of catalogue.value?.lots.values() ?? []) {
    if (level === 'region' && plan.lot.region !== id) continue;
    if (level === 'road' && plan.lot.road !== id) continue;
    const counts = countsOf(sums.lots.get(plan.lot.id));
    if (knownOf(counts) >= LEAST_KNOWN) ranked.push({ plan, counts, share: shareOf(counts) ?? 0 });
  }
  return ranked.sort((a, b) => b.share - a.share || knownOf(b.counts) - knownOf(a.counts)).slice(0, SHOWN);
}

function Row({ ranked: { plan, share, counts } }: { ranked: Ranked }) {
  const road = catalogue.value?.roads.get(plan.lot.road);
  return (
    <li>
      <button type="button" class="full-row" onClick={() => goTo({ level: 'lot', id: plan.lot.id })}>
        <span class="ell">
          {road && nameOf(road)}
          <span class="ink3 where">{lotName(plan.lot, road)}</span>
        </span>
        <Bar counts={counts} />
        <span class="num">{percent(share, 0)}</span>
        <span class="num free">{count(counts.free ?? 0)}</span>
      </button>
    </li>
  );
}

export function Around() {
  const w = words.value;
  const sums = tally.value;
  if (!sums) return null;
  sums.version.value;
  const rows = fullest(sums);
  return (
    <>
      <section class="sec" aria-label={w.byState}>
        <h3 class="panel-head">{w.byState}</h3>
        <StateCounts counts={countsOf(sumOf(sums, place.value))} />
      </section>
      {rows.length > 0 && place.value.level !== 'road' && (
        <section class="around" aria-label={w.fullest}>
          <h3 class="panel-head">{w.fullest}</h3>
          <ol>
            {rows.map((ranked) => (
              <Row key={ranked.plan.lot.id} ranked={ranked} />
            ))}
          </ol>
          <p class="hint small ink3">{w.noPlace}</p>
        </section>
      )}
    </>
  );
}
