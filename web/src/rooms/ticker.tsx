/** Arrivals and departures as they happen, newest first, each with its delay. */
import { catalogue, nameOf } from '../city/catalogue';
import { goTo } from '../city/place';
import { timeOf } from '../clock';
import { count, delay } from '../format';
import { cityBody, eventsBody } from '../live/city-line';
import type { EventRow } from '../live/wire';
import { Glyph, Nothing } from '../parts/marks';
import { words } from '../words';
import { panelOpen } from './shown';

const SHOWN = 40;
const SLOW_US = 5e6;

function Event({ row }: { row: EventRow }) {
  const w = words.value;
  const [at, verb, bay, number, lot, , seen, , late] = row;
  const where = catalogue.value?.lots.get(lot)?.lot;
  const taken = verb === 'taken';
  return (
    <li>
      <button
        type="button"
        class="ev"
        data-bay={bay}
        onClick={() => {
          goTo({ level: 'bay', id: bay });
          panelOpen.value = true;
        }}
      >
        <span class="t">{timeOf(seen || at)}</span>
        <Glyph state={taken ? 'occupied' : 'free'} />
        <span class="ell">
          <b>{number}</b> {taken ? w.taken : w.freed}
          <span class="ink3 where">{where ? nameOf(where) : lot}</span>
        </span>
        <span class={`d${late > SLOW_US ? ' warn' : ''}`}>{delay(late)}</span>
      </button>
    </li>
  );
}

export function Ticker() {
  const w = words.value;
  const rows = eventsBody.value?.list ?? [];
  const rate = cityBody.value?.rate;
  return (
    <>
      <h3>
        {w.ticker}
        <span>{rate && w.tickerLead(count(rate.per_min), delay(rate.delay_p50_us))}</span>
      </h3>
      {rows.length === 0 ? (
        <Nothing icon="car" title={w.tickerEmpty} />
      ) : (
        <ol class="scroll events">
          {rows
            .slice(-SHOWN)
            .reverse()
            .map((row) => (
              <Event key={`${row[0]}-${row[2]}-${row[1]}`} row={row} />
            ))}
        </ol>
      )}
    </>
  );
}
