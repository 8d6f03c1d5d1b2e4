/** Where the reader is: one place, kept in the address, the same in crumb, ladder, map and panel. */
import { computed, signal } from '@preact/signals';
import { words } from '../words';
import {
  type Bay,
  type Catalogue,
  catalogue,
  cityName,
  type LotPlan,
  lotName,
  nameOf,
  type Region,
  type Road,
} from './catalogue';

export type Level = 'city' | 'region' | 'road' | 'lot' | 'bay';
export type Place = { level: Level; id: string };
export const CITY: Place = { level: 'city', id: '' };

/** The pages beside the map, by their address. */
const BESIDE = ['intake', 'engine', 'tariffs', 'cameras'] as const;
export type Room = 'centre' | (typeof BESIDE)[number];
export const room = signal<Room>('centre');
export const place = signal<Place>(CITY);
/** What is open within a page beside the map: the rest of its address. */
export const within = signal('');

const LEVELS: readonly Level[] = ['city', 'region', 'road', 'lot', 'bay'];

function readAddress(): void {
  const [level, id] = decodeURIComponent(location.hash.replace(/^#\/?/, '')).split(/\/(.*)/s, 2);
  room.value = BESIDE.find((name) => name === level) ?? 'centre';
  within.value = room.value === 'centre' ? '' : (id ?? '');
  if (room.value === 'centre')
    place.value = LEVELS.includes(level as Level) && id ? { level: level as Level, id } : CITY;
}

export const addressOf = (to: Place): string =>
  to.level === 'city' ? '#/' : `#/${to.level}/${encodeURIComponent(to.id)}`;

export function goTo(to: Place): void {
  if (location.hash !== addressOf(to)) history.pushState(null, '', addressOf(to));
  room.value = 'centre';
  place.value = to;
}

export function openRoom(to: Room, rest = ''): void {
  const below = rest ? `/${rest.split('/').map(encodeURIComponent).join('/')}` : '';
  history.pushState(null, '', to === 'centre' ? addressOf(place.value) : `#/${to}${below}`);
  room.value = to;
  within.value = rest;
}

export function followAddress(): void {
  addEventListener('popstate', readAddress);
  addEventListener('hashchange', readAddress);
  readAddress();
}

/** The whole way from the city down to the place. */
export type Way = { region?: Region; road?: Road; lot?: LotPlan; bay?: Bay };

function wayTo(city: Catalogue, { level, id }: Place): Way {
  const bay = level === 'bay' ? city.bayById.get(id) : undefined;
  const lot = city.lots.get(bay?.lot ?? (level === 'lot' ? id : ''));
  const road = city.roads.get(bay?.road ?? lot?.lot.road ?? (level === 'road' ? id : ''));
  const region = city.regions.get(bay?.region ?? lot?.lot.region ?? road?.region ?? (level === 'region' ? id : ''));
  return { ...(region && { region }), ...(road && { road }), ...(lot && { lot }), ...(bay && { bay }) };
}

export const way = computed<Way>(() => (catalogue.value ? wayTo(catalogue.value, place.value) : {}));
export const lotId = computed<string | null>(() => way.value.lot?.lot.id ?? null);
export const bay = computed<Bay | null>(() => way.value.bay ?? null);

export type Step = { place: Place; name: string };
/** City, region, road, lot, bay: the steps that lead to the place. */
export const steps = computed<Step[]>(() => {
  const { region, road, lot, bay: at } = way.value;
  const found: Step[] = [{ place: CITY, name: cityName.value || words.value.city }];
  if (region) found.push({ place: { level: 'region', id: region.id }, name: nameOf(region) });
  if (road) found.push({ place: { level: 'road', id: road.id }, name: nameOf(road) });
  if (lot) found.push({ place: { level: 'lot', id: lot.lot.id }, name: lotName(lot.lot, road) });
  if (at) found.push({ place: { level: 'bay', id: at.id }, name: at.number });
  return found;
});

export function goUp(): void {
  const above = steps.value.at(-2);
  if (above) goTo(above.place);
}

/** One level down: into the first place of the next level. */
export function goDown(): void {
  const city = catalogue.value;
  if (!city) return;
  const { level, id } = place.value;
  const region = level === 'city' ? city.regions.values().next().value : undefined;
  const road = level === 'region' ? city.roadsOf.get(id)?.[0] : undefined;
  const lot = level === 'road' ? city.lotsOf.get(id)?.[0] : undefined;
  const first = level === 'lot' ? city.lots.get(id)?.bays[0] : undefined;
  if (region) goTo({ level: 'region', id: region.id });
  else if (road) goTo({ level: 'road', id: road.id });
  else if (lot) goTo({ level: 'lot', id: lot.lot.id });
  else if (first) goTo({ level: 'bay', id: first.id });
}
