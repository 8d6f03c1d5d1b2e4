/** The periods of a tariff: a day as a band for each kind of day, and each period with its ladder of prices. */
import { MoneyField, NumberField, Typed } from '../parts/fields';
import { Icon } from '../parts/marks';
import { useReading } from '../parts/reading';
import { changed, edit, repriced } from '../tariffs/draft';
import { classesIn, className, priceOf, signOf, withPrice } from '../tariffs/money';
import type { CalendarTold, Document, Period, Stage } from '../tariffs/told';
import { words } from '../words';
import { Bands, HOURS, minutes, nameOfPeriod, tintsOf } from './tariff-bands';

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

const stageOf = (made: Document, at: number, n: number): Stage => made.periods?.[at]?.stages?.[n] as Stage;

function Ladder({
  period,
  at,
  document,
  classes,
}: {
  period: Period;
  at: number;
  document: Document;
  classes: string[];
}) {
  const w = words.value.tariffs;
  const stages = period.stages ?? [];
  const sign = signOf(document.currency ?? 'CNY');
  const path = (n: number, key: string): string => `periods[${at}].stages[${n}].${key}`;
  return (
    <table class="tiers">
      <thead>
        <tr>
          <th>{w.from}</th>
          <th>{w.upto}</th>
          <th>{w.unit}</th>
          {classes.map((name) => (
            <th key={name}>{classes.length > 1 ? className(name) : w.price}</th>
          ))}
          <th />
        </tr>
      </thead>
      <tbody>
        {stages.map((stage, n) => (
          <tr key={n}>
            <td class="ink2 nowrap">{minutes(stages[n - 1]?.upto_minutes ?? 0)}</td>
            <td>
              {n === stages.length - 1 ? (
                <span class="ink3 nowrap">{w.open_end}</span>
              ) : (
                <NumberField
                  label={`${w.upto} ${n + 1}`}
                  unit={w.minutes}
                  value={stage.upto_minutes ?? null}
                  changed={changed(path(n, 'upto_minutes'))}
                  set={(minutes) =>
                    edit((made) => {
                      stageOf(made, at, n).upto_minutes = minutes;
                    })
                  }
                />
              )}
            </td>
            <td>
              <NumberField
                label={`${w.unit} ${n + 1}`}
                unit={w.minutes}
                value={stage.unit_minutes}
                changed={changed(path(n, 'unit_minutes'))}
                set={(minutes) =>
                  edit((made) => {
                    if (minutes !== null) stageOf(made, at, n).unit_minutes = minutes;
                  })
                }
              />
            </td>
            {classes.map((vehicle) => (
              <td key={vehicle}>
                <MoneyField
                  label={`${period.name} ${className(vehicle)} ${n + 1}`}
                  unit={sign}
                  value={priceOf(stage.price_fen, vehicle)}
                  changed={repriced(path(n, 'price_fen'), vehicle)}
                  test={`price-${at}-${n}-${vehicle}`}
                  set={(fen) =>
                    edit((made) => {
                      const one = stageOf(made, at, n);
                      if (fen !== null) one.price_fen = withPrice(one.price_fen, classes, vehicle, fen);
                    })
                  }
                />
              </td>
            ))}
            <td>
              {stages.length > 1 && (
                <button
                  type="button"
                  class="btn ghost sq tiny"
                  aria-label={w.removeStage}
                  title={w.removeStage}
                  onClick={() =>
                    edit((made) => {
                      const ladder = made.periods?.[at]?.stages ?? [];
                      ladder.splice(n, 1);
                      delete ladder.at(-1)?.upto_minutes;
                    })
                  }
                >
                  <Icon name="x" size={14} />
                </button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function PeriodCard({
  period,
  at,
  document,
  classes,
  events,
}: {
  period: Period;
  at: number;
  document: Document;
  classes: string[];
  events: string[];
}) {
  const w = words.value.tariffs;
  const flat = period.flat_fen !== null && period.flat_fen !== undefined;
  const sign = signOf(document.currency ?? 'CNY');
  const change = (part: (one: Period) => void) => edit((made) => part(made.periods?.[at] as Period));
  const move = (by: number) =>
    edit((made) => {
      const all = made.periods ?? [];
      const [one] = all.splice(at, 1);
      all.splice(at + by, 0, one as Period);
    });
  return (
    <li class={`period ${tintsOf(document.periods ?? [])[at]}`}>
      <div class="period-head">
        <Typed
          label={w.periodName}
          value={period.name}
          show={nameOfPeriod}
          read={(text) => text.trim() || null}
          set={(text) =>
            change((one) => {
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
            change((one) => {
              one.hours = hours;
            })
          }
          changed={changed(`periods[${at}].hours`)}
          test={`hours-${at}`}
        />
        <Days {...{ period, at, events }} />
        <span class="period-tools">
          <button
            type="button"
            class="btn ghost sq tiny"
            disabled={at === 0}
            aria-label={w.earlier}
            title={w.earlier}
            onClick={() => move(-1)}
          >
            <Icon name="up" size={14} />
          </button>
          <button
            type="button"
            class="btn ghost sq tiny"
            aria-label={w.removePeriod}
            title={w.removePeriod}
            onClick={() =>
              edit((made) => {
                made.periods?.splice(at, 1);
              })
            }
          >
            <Icon name="trash" size={14} />
          </button>
        </span>
      </div>
      {flat ? (
        <div class="opts">
          {classes.map((vehicle) => (
            <div key={vehicle} class="labelled">
              <span>{classes.length > 1 ? `${w.flat} ${className(vehicle)}` : w.flat}</span>
              <MoneyField
                label={`${w.flat} ${className(vehicle)}`}
                unit={sign}
                value={priceOf(period.flat_fen, vehicle)}
                changed={repriced(`periods[${at}].flat_fen`, vehicle)}
                set={(fen) =>
                  change((one) => {
                    if (fen !== null) one.flat_fen = withPrice(one.flat_fen, classes, vehicle, fen);
                  })
                }
              />
            </div>
          ))}
        </div>
      ) : (
        <Ladder {...{ period, at, document, classes }} />
      )}
      <div class="period-foot">
        {!flat && (
          <button
            type="button"
            class="btn ghost small-btn accent"
            onClick={() =>
              change((one) => {
                const last = (one.stages ?? []).at(-1) as Stage;
                const from = one.stages?.at(-2)?.upto_minutes ?? 0;
                one.stages = [
                  ...(one.stages ?? []).slice(0, -1),
                  { ...last, upto_minutes: from + Math.max(60, last.unit_minutes) },
                  { unit_minutes: last.unit_minutes, price_fen: last.price_fen },
                ];
              })
            }
          >
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
              change((one) => {
                if (fen === null) delete one.cap_fen;
                else one.cap_fen = withPrice(one.cap_fen, told, vehicle, fen);
              })
            }
          />
        ))}
      </div>
    </li>
  );
}

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
