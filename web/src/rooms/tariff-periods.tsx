/** The periods of a tariff: a day as a band for each kind of day, and each period with its ladder of prices. */
import { MoneyField, Row, Typed } from '../parts/fields';
import { Icon } from '../parts/marks';
import { useReading } from '../parts/reading';
import { changed, edit, repriced } from '../tariffs/draft';
import { classesIn, className, priceOf, signOf, withPrice } from '../tariffs/money';
import type { CalendarTold, Document, Period } from '../tariffs/told';
import { words } from '../words';
import { Bands, HOURS, nameOfPeriod, tintsOf } from './tariff-bands';
import { addStage, Ladder, type Shown } from './tariff-ladder';

const DAY_NAMES = 'working rest holiday short_holiday long_holiday makeup mon tue wed thu fri sat sun'.split(' ');
function Days({ period, at, events }: { period: Period; at: number; events: string[] }) {
  const w = words.value.tariffs;
  const days = period.days ?? [];
  const nameOf = (day: string): string =>
    day.startsWith('event:') ? w.eventDay(day.slice(6)) : (w.dayNames[day] ?? day);
  const toggle = (day: string) =>
    edit((made) => {
      const one = made.periods?.[at] as Period;
      one.days = days.includes(day) ? days.filter((other) => other !== day) : [...days, day];
    });
  return (
    <details class={`days${changed(`periods[${at}].days`) ? ' chg' : ''}`}>
      <summary aria-label={w.days}>
        <span class="ell">{days.length ? days.map(nameOf).join(' · ') : w.everyDay}</span>
        <Icon name="down" size={14} />
      </summary>
      <div class="chips" role="group" aria-label={w.days}>
        {[...new Set([...DAY_NAMES, ...events, ...days])].map((day) => (
          <button
            key={day}
            type="button"
            class={days.includes(day) ? 'chip on' : 'chip'}
            aria-pressed={days.includes(day)}
            onClick={() => toggle(day)}
          >
            {nameOf(day)}
          </button>
        ))}
      </div>
    </details>
  );
}

/** Change one period. */
const reperiod = (at: number, change: (period: Period) => void): void =>
  edit((made) => change(made.periods?.[at] as Period));

function Tools({ at }: { at: number }) {
  const w = words.value.tariffs;
  const moveUp = () =>
    edit((made) => {
      const [one] = made.periods?.splice(at, 1) ?? [];
      made.periods?.splice(at - 1, 0, one as Period);
    });
  const remove = () =>
    edit((made) => {
      made.periods?.splice(at, 1);
    });
  const tool = (icon: string, name: string, act: () => void, off = false) => (
    <button type="button" class="btn ghost sq tiny" disabled={off} aria-label={name} title={name} onClick={act}>
      <Icon name={icon} size={14} />
    </button>
  );
  return (
    <span class="period-tools">
      {tool('up', w.earlier, moveUp, at === 0)}
      {tool('trash', w.removePeriod, remove)}
    </span>
  );
}

function Head({ period, at, events }: { period: Period; at: number; events: string[] }) {
  const w = words.value.tariffs;
  return (
    <div class="period-head">
      <Typed
        label={w.periodName}
        value={period.name}
        show={nameOfPeriod}
        read={(text) => text.trim() || null}
        set={(text) =>
          reperiod(at, (one) => {
            if (text !== nameOfPeriod(one.name)) one.name = text;
          })
        }
        changed={changed(`periods[${at}].name`)}
      />
      <Typed
        label={`${w.hours} ${nameOfPeriod(period.name)}`}
        value={period.hours ?? ['00:00-24:00']}
        show={(hours) => hours.join(', ')}
        read={(text) => {
          const all = text.split(/[,，、]\s*/).map((one) => one.trim());
          return all.every((one) => HOURS.test(one)) ? all : null;
        }}
        hint={w.hoursBad}
        set={(hours) =>
          reperiod(at, (one) => {
            one.hours = hours;
          })
        }
        changed={changed(`periods[${at}].hours`)}
        test={`hours-${at}`}
      />
      <Days {...{ period, at, events }} />
      <Tools at={at} />
    </div>
  );
}

const isFlat = (period: Period): boolean => period.flat_fen !== null && period.flat_fen !== undefined;

/** One price for a whole period. */
function Flat({ period, at, document, classes }: Shown) {
  const w = words.value.tariffs;
  return (
    <div class="opts">
      {classes.map((vehicle) => (
        <Row key={vehicle} label={classes.length > 1 ? `${w.flat} ${className(vehicle)}` : w.flat}>
          <MoneyField
            label={`${w.flat} ${className(vehicle)}`}
            unit={signOf(document.currency ?? 'CNY')}
            value={priceOf(period.flat_fen, vehicle)}
            changed={repriced(`periods[${at}].flat_fen`, vehicle)}
            set={(fen) =>
              reperiod(at, (one) => {
                if (fen !== null) one.flat_fen = withPrice(one.flat_fen, classes, vehicle, fen);
              })
            }
          />
        </Row>
      ))}
    </div>
  );
}

function Foot({ period, at, document, classes }: Shown) {
  const w = words.value.tariffs;
  return (
    <div class="period-foot">
      {!isFlat(period) && (
        <button type="button" class="btn ghost small-btn accent" onClick={() => addStage(at)}>
          <Icon name="plus" />
          {w.addStage}
        </button>
      )}
      <span class="grow" />
      <span class="small ink2">{w.periodCap}</span>
      {classesIn(period.cap_fen, classes).map((vehicle, _, told) => (
        <MoneyField
          key={vehicle}
          label={`${w.periodCap} ${nameOfPeriod(period.name)} ${className(vehicle)}`}
          unit={signOf(document.currency ?? 'CNY')}
          value={priceOf(period.cap_fen, vehicle)}
          optional
          placeholder={w.noCap}
          changed={repriced(`periods[${at}].cap_fen`, vehicle)}
          set={(fen) =>
            reperiod(at, (one) => {
              if (fen === null) delete one.cap_fen;
              else one.cap_fen = withPrice(one.cap_fen, told, vehicle, fen);
            })
          }
        />
      ))}
    </div>
  );
}

const PeriodCard = ({ events, ...shown }: Shown & { events: string[] }) => (
  <li class={`period ${tintsOf(shown.document.periods ?? [])[shown.at]}`}>
    <Head period={shown.period} at={shown.at} events={events} />
    {isFlat(shown.period) ? <Flat {...shown} /> : <Ladder {...shown} />}
    <Foot {...shown} />
  </li>
);

export function Periods({ document, classes }: { document: Document; classes: string[] }) {
  const w = words.value.tariffs;
  const periods = document.periods ?? [];
  const calendar = useReading<CalendarTold>('/calendar').value?.calendar;
  const events = (calendar?.events ?? []).map((event) => `event:${event.name}`);
  return (
    <section class="sec">
      <h2>
        {w.periods} <span>{w.periodsLead}</span>
      </h2>
      {periods.length > 0 && <Bands document={document} />}
      <ol class="periods">
        {periods.map((period, at) => (
          <PeriodCard key={at} {...{ period, at, document, classes, events }} />
        ))}
      </ol>
      <button
        type="button"
        class="btn ghost small-btn accent"
        data-test="add-period"
        onClick={() =>
          edit((made) => {
            const names = new Set((made.periods ?? []).map((one) => one.name));
            let n = periods.length + 1;
            while (names.has(`${w.periodName} ${n}`)) n += 1;
            made.periods = [
              ...(made.periods ?? []),
              { name: `${w.periodName} ${n}`, hours: ['00:00-24:00'], stages: [{ unit_minutes: 60, price_fen: 0 }] },
            ];
          })
        }
      >
        <Icon name="plus" />
        {w.addPeriod}
      </button>
    </section>
  );
}
