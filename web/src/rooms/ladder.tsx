/** The ladder: the place and all above it, one line each, and the places below to go on to. */
import { type Catalogue, catalogue, lotName, nameOf } from '../city/catalogue';
import { goTo, type Level, type Place, place, steps } from '../city/place';
import { countsOf, type Sum, shareOf, type Tally, tally } from '../city/tally';
import { count, percent } from '../format';
import { Bar } from '../parts/marks';
import { words } from '../words';

type Rung = { place: Place; name: string; sum: Sum | undefined };

export function sumOf(sums: Tally, { level, id }: Place): Sum | undefined {
  if (level === 'city') return sums.city;
  const by: Record<Exclude<Level, 'city' | 'bay'>, Map<string, Sum>> = {
    region: sums.regions,
    road: sums.roads,
    lot: sums.lots,
  };
  return level === 'bay' ? undefined : by[level].get(id);
}

function Line({ rung, on, below }: { rung: Rung; on: boolean; below?: boolean }) {
  const counts = countsOf(rung.sum);
  const share = shareOf(counts);
  return (
    <li>
      <button
        type="button"
        class={`lad${on ? ' on' : ''}${below ? ' below' : ''}`}
        aria-current={on ? 'location' : undefined}
        onClick={() => goTo(rung.place)}
        data-test={`ladder-${rung.place.level}`}
      >
        <span class="ell" title={rung.name}>
          {rung.name}
        </span>
        <Bar counts={counts} />
        <span class="num">{share === null ? '–' : percent(share, 0)}</span>
        <span class="num free">{count(counts.free ?? 0)}</span>
      </button>
    </li>
  );
}

/** The places one level below, fullest first. */
function children(city: Catalogue, sums: Tally, { level, id }: Place): Rung[] {
  const to = (lower: Level, thing: { id: string; name_zh: string; name_en: string }): Rung => {
    const at: Place = { level: lower, id: thing.id };
    return { place: at, name: nameOf(thing), sum: sumOf(sums, at) };
  };
  if (level === 'city') return [...city.regions.values()].map((region) => to('region', region));
  if (level === 'region') return (city.roadsOf.get(id) ?? []).map((road) => to('road', road));
  if (level === 'road')
    return (city.lotsOf.get(id) ?? []).map((plan) => ({
      ...to('lot', plan.lot),
      name: lotName(plan.lot, city.roads.get(id)),
    }));
  return [];
}

const BELOW: Partial<Record<Level, 'regions' | 'roads' | 'lots'>> = { city: 'regions', region: 'roads', road: 'lots' };
const weight = (rung: Rung): number => rung.sum?.reduce((all, n) => all + n, 0) ?? 0;

export function Ladder() {
  const w = words.value;
  const city = catalogue.value;
  const sums = tally.value;
  if (!city || !sums) return null;
  sums.version.value;
  const here = place.value;
  const rungs = steps.value
    .filter((step) => step.place.level !== 'bay')
    .map((step) => ({ ...step, sum: sumOf(sums, step.place) }));
  const below = children(city, sums, here)
    .filter((rung) => weight(rung) > 0)
    .sort((a, b) => weight(b) - weight(a));
  const heading = BELOW[here.level];
  return (
    <section class="ladder" aria-label={w.drillDown}>
      <div class="lad lad-head">
        <span>{w.level}</span>
        <span />
        <span class="num">{w.occupancyShort}</span>
        <span class="num">{w.freeShort}</span>
      </div>
      <ol>
        {rungs.map((rung, i) => (
          <Line key={rung.place.level} rung={rung} on={i === rungs.length - 1} />
        ))}
      </ol>
      {heading && below.length > 0 && (
        <>
          <h3 class="lad-below">
            {w[heading]}
            <span>{below.length}</span>
          </h3>
          <ol>
            {below.map((rung) => (
              <Line key={rung.place.id} rung={rung} on={false} below />
            ))}
          </ol>
        </>
      )}
    </section>
  );
}
