/** The page's live line with the topics that the command centre always follows. */
import { computed, effect, type ReadonlySignal } from '@preact/signals';
import { second } from '../clock';
import { Ledger } from './ledger';
import { Line, type Tokens } from './line';
import { type Standing, standingOf } from './standing';
import type { AlarmsBody, CityBody, DevicesBody, EventsBody, LotBody } from './wire';

export const ALWAYS = ['city', 'map', 'events', 'devices', 'alarms'] as const;

export const ledger = new Ledger();
for (const name of ALWAYS) ledger.topic(name);

let tokens: Tokens = async () => null;
/** Say where the line's tokens come from; done once, by the session. */
export const provideTokens = (source: Tokens): void => {
  tokens = source;
};
export const line = new Line(ledger, (renew) => tokens(renew));

function bodyOf<T>(name: string): ReadonlySignal<T | null> {
  const topic = ledger.topic(name);
  return computed(() => {
    topic.version.value;
    return topic.body ? ({ ...topic.body } as T) : null;
  });
}

export const cityBody = bodyOf<CityBody>('city');
export const eventsBody = bodyOf<EventsBody>('events');
export const devicesBody = bodyOf<DevicesBody>('devices');
export const alarmsBody = bodyOf<AlarmsBody>('alarms');

/** Follow the lot that `selected` names, and only that one. */
export function followLot(selected: ReadonlySignal<string | null>): void {
  let followed: string | null = null;
  effect(() => {
    const lot = selected.value;
    if (lot === followed) return;
    if (followed) line.unfollow(`lot/${followed}`);
    followed = lot;
    if (lot) line.follow(`lot/${lot}`);
  });
}

/** The body of a followed lot, or null until it is here. */
export function lotBody(lot: string | null): LotBody | null {
  if (!lot) return null;
  const topic = ledger.topic(`lot/${lot}`);
  topic.version.value;
  return topic.body as LotBody | null;
}

/** How the page stands to the city, with a clock that moves once a second. */
export const standing = computed<Standing>(() => {
  second.value;
  return standingOf({
    now: Date.now(),
    phase: line.phase.value,
    frozenAt: line.frozenAt.value,
    attempts: line.attempts.value,
    nextTry: line.nextTry.value,
    heardAt: line.heardAt.value,
    lag: line.lag.value,
    settled: line.settled.value,
    away: line.away.value,
  });
});

/** Age of a topic's numbers in whole seconds, or null if it never said anything. */
export function ageOf(name: string): number | null {
  second.value;
  const confirmed = ledger.topic(name).confirmed;
  return confirmed ? Math.max(0, Math.round((Date.now() * 1000 + line.skew - confirmed) / 1e6)) : null;
}
