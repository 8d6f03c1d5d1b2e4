/** What fills a calendar: imports from packages that know holidays, and event days. */
import { useState } from 'preact/hooks';
import { get } from '../api/http';
import { count } from '../format';
import { NumberField, Pick, Row, Typed } from '../parts/fields';
import { Icon } from '../parts/marks';
import type { CalendarDoc, EventDays } from '../tariffs/told';
import { words } from '../words';

const DATE = /^\d{4}-\d\d-\d\d$/;
export type Change = (change: (made: Required<CalendarDoc>) => void) => void;

export const whole = (calendar: CalendarDoc): Required<CalendarDoc> => ({
  years: calendar.years ?? [],
  days: calendar.days ?? {},
  events: calendar.events ?? [],
});

export function Import({
  year,
  change,
  say,
}: {
  year: number;
  change: Change;
  say: (text: string, well: boolean) => void;
}) {
  const w = words.value.tariffs;
  const [source, from] = useState('chinesecalendar');
  const [first, begin] = useState<number | null>(year);
  const [last, end] = useState<number | null>(year);
  const [long, longer] = useState<number | null>(7);
  const run = async () => {
    try {
      const query = `source=${encodeURIComponent(source)}&first=${first}&last=${last}&long_from=${long}`;
      const { calendar, missing } = await get<{ calendar: CalendarDoc; missing: number[] }>(
        `/calendar/source?${query}`,
      );
      const found = whole(calendar);
      change((next) => {
        for (const date of Object.keys(next.days))
          if (found.years.includes(Number(date.slice(0, 4)))) delete next.days[date];
        Object.assign(next.days, found.days);
        next.years = [...new Set([...next.years, ...found.years])].sort((a, b) => a - b);
      });
      const told = found.years.length ? w.imported(count(Object.keys(found.days).length), found.years.join('、')) : '';
      say([told, missing.length ? w.importMissing(missing.join('、')) : ''].filter(Boolean).join(' '), !missing.length);
    } catch {
      say(w.importFailed, false);
    }
  };
  return (
    <section class="card block" data-test="calendar-import">
      <h2>{w.importTitle}</h2>
      <div class="import">
        <Row label={w.importFrom}>
          <Pick label={w.importFrom} value={source} choices={w.sources} set={from} test="import-source" />
        </Row>
        <Row label={w.importYears}>
          <span class="row">
            <NumberField label={`${w.importYears} 1`} value={first} set={begin} test="import-first" />–
            <NumberField label={`${w.importYears} 2`} value={last} set={end} test="import-last" />
          </span>
        </Row>
        <Row label={w.importLong}>
          <NumberField label={w.importLong} value={long} set={longer} />
        </Row>
        <button type="button" class="btn" onClick={() => void run()} data-test="import">
          <Icon name="download" />
          {w.importDo}
        </button>
      </div>
    </section>
  );
}

/** What is written with commas or spaces between, if each part has this form. */
function listed(text: string, form: RegExp): string[] | null {
  const all = text.split(/[,，、\s]+/).filter(Boolean);
  return all.every((one) => form.test(one)) ? all : null;
}

function EventRow({
  event,
  set,
  remove,
}: {
  event: EventDays;
  set: (part: Partial<EventDays>) => void;
  remove: () => void;
}) {
  const w = words.value.tariffs;
  return (
    <li>
      <Typed
        label={w.eventName}
        value={event.name}
        show={(text) => text}
        read={(text) => text.trim() || null}
        set={(name) => set({ name })}
      />
      <Typed
        label={w.eventDates}
        value={event.dates}
        show={(dates) => dates.join(', ')}
        read={(text) => listed(text, DATE)}
        hint={w.datesBad}
        placeholder="2026-03-06"
        set={(dates) => set({ dates })}
      />
      <Typed
        label={w.eventAreas}
        value={event.areas ?? []}
        show={(areas) => areas.join(', ')}
        read={(text) => listed(text, /./)}
        placeholder={w.eventAreas}
        set={(areas) => set({ areas })}
      />
      <button type="button" class="btn ghost sq" aria-label={w.removeEvent} title={w.removeEvent} onClick={remove}>
        <Icon name="trash" size={16} />
      </button>
    </li>
  );
}

export function Events({ events, change }: { events: EventDays[]; change: Change }) {
  const w = words.value.tariffs;
  const set = (at: number, part: Partial<EventDays>) =>
    change((next) => {
      next.events[at] = { ...(next.events[at] as EventDays), ...part };
    });
  const remove = (at: number) =>
    change((next) => {
      next.events.splice(at, 1);
    });
  const add = () =>
    change((next) => {
      next.events.push({ name: `${w.eventName} ${next.events.length + 1}`, dates: [] });
    });
  return (
    <section class="card block" data-test="calendar-events">
      <h2>
        {w.eventsTitle} <span>{w.eventsLead}</span>
      </h2>
      <ul class="event-days">
        {events.map((event, at) => (
          <EventRow key={at} event={event} set={(part) => set(at, part)} remove={() => remove(at)} />
        ))}
      </ul>
      <button type="button" class="btn ghost small-btn accent" onClick={add}>
        <Icon name="plus" />
        {w.addEvent}
      </button>
    </section>
  );
}
