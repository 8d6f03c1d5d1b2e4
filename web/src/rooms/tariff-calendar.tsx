/** The calendar of day kinds: a year of days to press, imports from packages that know holidays, event days. */
import { useEffect, useState } from 'preact/hooks';
import { get, put, type Refusal } from '../api/http';
import { stampOf } from '../clock';
import { Icon } from '../parts/marks';
import { type Said, Told } from '../parts/said';
import type { CalendarDoc, CalendarTold } from '../tariffs/told';
import { words } from '../words';
import { type Change, Events, Import, whole } from './tariff-days';
import { mayWrite } from './tariff-list';

const KINDS = ['', 'short_holiday', 'long_holiday', 'makeup'] as const;
type Brush = (typeof KINDS)[number];

const two = (n: number): string => String(n).padStart(2, '0');

function Month({
  year,
  month,
  made,
  brush,
  change,
}: {
  year: number;
  month: number;
  made: Required<CalendarDoc>;
  brush: Brush;
  change: Change;
}) {
  const w = words.value.tariffs;
  const first = (new Date(Date.UTC(year, month - 1, 1)).getUTCDay() + 6) % 7;
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const events = new Set(made.events.flatMap((event) => event.dates));
  return (
    <section class="month" aria-label={`${year} ${w.month(month)}`}>
      <h3>{w.month(month)}</h3>
      <div class="month-days">
        {w.weekdays.map((name, n) => (
          <span key={n} class="micro ink3">
            {name}
          </span>
        ))}
        {Array.from({ length }, (_, n) => {
          const date = `${year}-${two(month)}-${two(n + 1)}`;
          const kind = made.days[date] ?? '';
          const weekend = (first + n) % 7 > 4;
          return (
            <button
              key={date}
              type="button"
              data-date={date}
              style={n === 0 ? { gridColumnStart: first + 1 } : undefined}
              class={`dk ${kind || (weekend ? 'weekend' : 'plain')}${events.has(date) ? ' event' : ''}`}
              aria-label={`${date} ${w.kindsOfDay[kind]}${events.has(date) ? ` ${w.eventsTitle}` : ''}`}
              onKeyDown={moveAmongDays}
              onClick={() =>
                change((next) => {
                  if (brush === '' || next.days[date] === brush) delete next.days[date];
                  else next.days[date] = brush;
                })
              }
            >
              {n + 1}
            </button>
          );
        })}
      </div>
    </section>
  );
}

/** Arrow keys go from day to day. */
function moveAmongDays(event: KeyboardEvent): void {
  const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
  const date = (event.target as HTMLElement).dataset?.date;
  if (by === undefined || !date) return;
  const next = new Date(Date.parse(`${date}T00:00:00Z`) + by * 86_400_000).toISOString().slice(0, 10);
  event.preventDefault();
  event.stopPropagation();
  document.querySelector<HTMLElement>(`[data-date="${next}"]`)?.focus();
}

function Brushes({ brush, take }: { brush: Brush; take: (brush: Brush) => void }) {
  const w = words.value.tariffs;
  return (
    <span class="row">
      <span class="small ink3">{w.kindBrush}</span>
      <span class="seg" role="group" aria-label={w.kindBrush}>
        {KINDS.map((kind) => (
          <button
            key={kind}
            type="button"
            class={brush === kind ? 'on' : ''}
            aria-pressed={brush === kind}
            onClick={() => take(kind)}
          >
            <i class={`dk ${kind || 'plain'}`} />
            {w.kindsOfDay[kind]}
          </button>
        ))}
      </span>
    </span>
  );
}

type YearProps = { year: number; made: Required<CalendarDoc>; change: Change; turnTo: (year: number) => void };

/** Which year, and whether its holidays are complete. */
function YearHead({ year, made, change, turnTo }: YearProps) {
  const w = words.value.tariffs;
  const complete = made.years.includes(year);
  const others = made.years.filter((one) => one !== year);
  return (
    <span class="row">
      <button type="button" class="btn ghost sq" aria-label={w.previousYear} onClick={() => turnTo(year - 1)}>
        <Icon name="left" />
      </button>
      <h2 data-test="year">{year}</h2>
      <button type="button" class="btn ghost sq" aria-label={w.nextYear} onClick={() => turnTo(year + 1)}>
        <Icon name="right" />
      </button>
      <label class="row small">
        <input
          type="checkbox"
          checked={complete}
          data-test="year-complete"
          onChange={() =>
            change((next) => {
              next.years = complete ? others : [...others, year].sort((a, b) => a - b);
            })
          }
        />
        {w.yearComplete}
      </label>
    </span>
  );
}

function Year(props: YearProps) {
  const w = words.value.tariffs;
  const { year, made, change } = props;
  const [brush, take] = useState<Brush>('short_holiday');
  return (
    <section class="card block" data-test="calendar-year">
      <div class="row between year-head">
        <YearHead {...props} />
        <Brushes brush={brush} take={take} />
      </div>
      {!made.years.includes(year) && (
        <p class="said warn" role="status">
          <Icon name="alert" />
          {w.yearIncomplete(String(year))}
        </p>
      )}
      <div class="months">
        {Array.from({ length: 12 }, (_, n) => (
          <Month key={n} month={n + 1} {...{ year, made, brush, change }} />
        ))}
      </div>
    </section>
  );
}

type BarProps = { told: CalendarTold; differs: boolean; discard: () => void; save: () => void };

function Bar({ told, differs, discard, save }: BarProps) {
  const w = words.value.tariffs;
  return (
    <div class="row between calendar-bar">
      <span class="ink2 small">
        {told.version ? w.calendarVersion(told.version, told.who, stampOf(told.at).slice(0, 16)) : w.calendarEmpty}
      </span>
      {mayWrite() && (
        <span class="row">
          <button type="button" class="btn ghost" disabled={!differs} onClick={discard}>
            {w.discard}
          </button>
          <button type="button" class="btn pri" disabled={!differs} onClick={save} data-test="save-calendar">
            {w.save}
          </button>
        </span>
      )}
    </div>
  );
}

export function CalendarPage() {
  const w = words.value.tariffs;
  const [told, hold] = useState<CalendarTold | null>(null);
  const [made, make] = useState<Required<CalendarDoc> | null>(null);
  const [year, turnTo] = useState(new Date().getFullYear());
  const [said, speak] = useState<Said | null>(null);
  const take = (fresh: CalendarTold) => {
    hold(fresh);
    make(whole(fresh.calendar));
  };
  useEffect(() => {
    void get<CalendarTold>('/calendar').then(take, () => speak({ text: words.value.httpFailed, well: false }));
  }, []);
  if (!told || !made) return <div class="skeleton" role="status" aria-label={words.value.loading} />;
  const change: Change = (work) =>
    make((before) => {
      const next = structuredClone(before as Required<CalendarDoc>);
      work(next);
      return next;
    });
  const differs = JSON.stringify(made) !== JSON.stringify(whole(told.calendar));
  const save = async () => {
    try {
      const fresh = await put<CalendarTold>('/calendar', { version: told.version, calendar: made });
      take(fresh);
      speak({ text: w.saved(fresh.version), well: true });
    } catch (error) {
      const refusal = error as Refusal;
      speak({
        text: w.saveFailed(refusal.code === 'version_conflict' ? w.calendarConflict : refusal.message),
        well: false,
      });
    }
  };
  return (
    <>
      <Bar {...{ told, differs }} discard={() => make(whole(told.calendar))} save={() => void save()} />
      <Told said={said} test="calendar-said" />
      <Import key={year} year={year} change={change} say={(text, well) => speak({ text, well })} />
      <Year {...{ year, made, change, turnTo }} />
      <Events events={made.events} change={change} />
    </>
  );
}
