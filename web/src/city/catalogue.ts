/** What the city is made of, read once: regions, roads, lots, bays and the lines of its streets. */
import { computed, signal } from '@preact/signals';
import { all, get } from '../api/http';
import { zone } from '../clock';
import type { Source } from '../live/wire';
import { lang } from '../words';
import { type Axis, axisOf, type LonLat } from './geometry';

export type Named = { id: string; name_zh: string; name_en: string };
export type Region = Named;
export type Road = Named & { region: string };
export type Lot = Named & { road: string; region: string; street: boolean; lon: number; lat: number };
export type Bay = {
  index: number;
  id: string;
  number: string;
  lot: string;
  road: string;
  region: string;
  type: string;
  bearing: number;
  at: LonLat;
};
export type City = {
  name_zh: string;
  name_en: string;
  zone: string;
  attribution: string;
  bounds: [number, number, number, number];
  center: LonLat;
  counts: Record<string, number>;
  demand: Source;
};
export type RoadLine = { id: string; name_zh: string; name_en: string; region: string; parts: LonLat[][] };
/** A lot with its bays in true order along the kerb. */
export type LotPlan = { lot: Lot; bays: Bay[]; axis: Axis };

/** Widest kerb to kerb, and longest section, metres; what is larger is an area and not a stretch of street. */
const WIDEST_M = 70;
const LONGEST_M = 900;
export const isStretch = ({ bays, axis }: LotPlan): boolean =>
  bays.length > 0 && axis.high - axis.low < WIDEST_M && axis.to - axis.from < LONGEST_M;

export type Catalogue = {
  /** The how manieth of this page. */
  reading: number;
  city: City;
  regions: Map<string, Region>;
  roads: Map<string, Road>;
  lots: Map<string, LotPlan>;
  bays: Bay[];
  bayById: Map<string, Bay>;
  lines: RoadLine[];
  roadsOf: Map<string, Road[]>;
  lotsOf: Map<string, LotPlan[]>;
};

export const catalogue = signal<Catalogue | null>(null);
export const catalogueError = signal<Error | null>(null);

export const nameOf = (thing: Named): string =>
  (lang.value === 'zh' ? thing.name_zh : thing.name_en) || thing.name_en || thing.name_zh || thing.id;
/** A section's name beside its road's: without the road, where it begins with it. */
export function lotName(lot: Lot, road: Named | undefined): string {
  const whole = nameOf(lot);
  const prefix = road ? nameOf(road) : '';
  if (!prefix || !whole.startsWith(prefix)) return whole;
  const rest = whole.slice(prefix.length).trim();
  return rest.replace(/^（(.*)）$/s, '$1').replace(/^between /, '') || whole;
}

export const cityName = computed(() => {
  const city = catalogue.value?.city;
  return city ? nameOf({ id: '', ...city }) : '';
});

type Feature<G, P> = { geometry: { type: string; coordinates: G }; properties: P };
type BayFeatures = { features: Feature<LonLat, Omit<Bay, 'index' | 'at'>>[] };
type RoadFeatures = { features: Feature<LonLat[] | LonLat[][], Named & { region: string }>[] };

const byId = <T extends { id: string }>(items: T[]): Map<string, T> => new Map(items.map((item) => [item.id, item]));

function grouped<T>(items: Iterable<T>, key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

const bayOf = (feature: BayFeatures['features'][number], index: number): Bay => {
  const { id, number, lot, road, region, type, bearing } = feature.properties;
  return {
    index,
    id: String(id),
    number: String(number),
    lot: String(lot),
    road: String(road),
    region: String(region),
    type,
    bearing: Number(bearing) || 0,
    at: feature.geometry.coordinates,
  };
};

const lineOf = ({ geometry, properties }: RoadFeatures['features'][number]): RoadLine => ({
  ...properties,
  parts:
    geometry.type === 'MultiLineString' ? (geometry.coordinates as LonLat[][]) : [geometry.coordinates as LonLat[]],
});

function planned(lots: Lot[], bays: Bay[]): Map<string, LotPlan> {
  const inLot = grouped(bays, (bay) => bay.lot);
  return new Map(
    lots.map((lot) => {
      const own = inLot.get(lot.id) ?? [];
      const axis = axisOf(
        own.map((bay) => bay.at),
        own[0]?.bearing ?? 0,
      );
      const order = new Map(own.map((bay) => [bay, axis.along(bay.at)]));
      own.sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
      return [lot.id, { lot, bays: own, axis }];
    }),
  );
}

/** Read the whole city. One that is known gives way only to one with more bays or fewer: the map is drawn anew for it.
 *  If reading fails and none is known, `catalogueError` is set. Answers whether it could be read.
 */
export async function readCatalogue(): Promise<boolean> {
  catalogueError.value = null;
  try {
    const [city, regions, roads, lots, bayFeatures, roadFeatures] = await Promise.all([
      get<City>('/city'),
      all<Region>('/regions'),
      all<Road>('/roads'),
      all<Lot>('/lots'),
      get<BayFeatures>('/map/bays'),
      get<RoadFeatures>('/map/roads'),
    ]);
    const before = catalogue.peek();
    if (before?.bays.length === bayFeatures.features.length) return true;
    zone.value = city.zone;
    const bays = bayFeatures.features.map(bayOf);
    const plans = planned(lots, bays);
    catalogue.value = {
      reading: (before?.reading ?? 0) + 1,
      city,
      bays,
      regions: byId(regions),
      roads: byId(roads),
      lots: plans,
      bayById: byId(bays),
      lines: roadFeatures.features.map(lineOf),
      roadsOf: grouped(roads, (road) => road.region),
      lotsOf: grouped(plans.values(), (plan) => plan.lot.road),
    };
    return true;
  } catch (error) {
    if (!catalogue.peek()) catalogueError.value = error as Error;
    return false;
  }
}
