/** The base map: land, streets and section ribbons from the city's own lines. Colours come from the tokens. */
import type { ExpressionSpecification, Map as MapGL, StyleSpecification } from 'maplibre-gl';
import type { Catalogue, LotPlan, RoadLine } from '../city/catalogue';
import { isStretch } from '../city/catalogue';
import { onAxis } from '../city/geometry';
import { token } from '../look';

/** How far from a street the town is drawn, both sides together, metres. */
const TOWN_M = 420;

type Feature = { type: 'Feature'; id?: number; geometry: unknown; properties: Record<string, unknown> };
const collection = (features: Feature[]) => ({ type: 'FeatureCollection' as const, features });

/** Width in px of something `metres` wide, at least `least`, at latitude about 38°. */
const wide = (metres: number, least: number): ExpressionSpecification => {
  const px = (zoom: number): number => Math.max(least, (metres * 512 * 2 ** zoom) / (40_075_017 * 0.79));
  return ['interpolate', ['exponential', 2], ['zoom'], 10, least, 13, px(13), 16, px(16), 20, px(20)];
};

const street = (line: RoadLine): Feature => ({
  type: 'Feature',
  geometry: { type: 'MultiLineString', coordinates: line.parts },
  properties: { id: line.id, lane: /\b(Lane|Place|Little)\b/.test(line.name_en) || false },
});

/** Where a section runs: along its kerb, a little past its last bays. */
export const ribbonOf = ({ axis }: LotPlan): [number, number][] => {
  const middle = (axis.low + axis.high) / 2;
  return [onAxis(axis, axis.from - 4, middle), onAxis(axis, axis.to + 4, middle)];
};

const ribbon = (plan: LotPlan, id: number): Feature => ({
  type: 'Feature',
  id,
  geometry: { type: 'LineString', coordinates: ribbonOf(plan) },
  properties: { lot: plan.lot.id },
});

/** Lots that have a ribbon, in the order of their feature ids: those that are one stretch of kerb. */
export const ribbonLots = (city: Catalogue): LotPlan[] => [...city.lots.values()].filter(isStretch);

const share: ExpressionSpecification = ['coalesce', ['feature-state', 'share'], -1];

function rampColour(): ExpressionSpecification {
  const step = (n: string): string => token(`--ramp-${n}`);
  return [
    'case',
    ['<', share, 0],
    token('--map-edge'),
    ['step', share, step('1'), 0.3, step('2'), 0.5, step('3'), 0.7, step('4'), 0.85, step('5'), 0.995, step('full')],
  ];
}

const fade = (from: number, to: number, low: number, high: number): ExpressionSpecification => [
  'interpolate',
  ['linear'],
  ['zoom'],
  from,
  low,
  to,
  high,
];

const isLane: ExpressionSpecification = ['get', 'lane'];
const laneOr = (lane: number, road: number, least: number): ExpressionSpecification => {
  const px = (metres: number, zoom: number): number =>
    Math.max(least, (metres * 512 * 2 ** zoom) / (40_075_017 * 0.79));
  const at = (zoom: number): ExpressionSpecification => ['case', isLane, px(lane, zoom), px(road, zoom)];
  return ['interpolate', ['exponential', 2], ['zoom'], 10, least, 13, at(13), 16, at(16), 20, at(20)];
};

export function styleOf(city: Catalogue): StyleSpecification {
  const round = { 'line-cap': 'round', 'line-join': 'round' } as const;
  return {
    version: 8,
    sources: {
      streets: { type: 'geojson', data: collection(city.lines.map(street)) as never },
      ribbons: { type: 'geojson', data: collection(ribbonLots(city).map(ribbon)) as never },
    },
    layers: [
      { id: 'land', type: 'background', paint: { 'background-color': token('--map-land') } },
      {
        id: 'town',
        type: 'line',
        source: 'streets',
        layout: round,
        paint: { 'line-color': token('--map-block'), 'line-width': wide(TOWN_M, 20) },
      },
      {
        id: 'street-edge',
        type: 'line',
        source: 'streets',
        layout: round,
        paint: { 'line-color': token('--map-edge'), 'line-width': laneOr(15, 27, 2.4) },
      },
      {
        id: 'street',
        type: 'line',
        source: 'streets',
        layout: round,
        paint: { 'line-color': token('--map-street'), 'line-width': laneOr(13, 25, 1.4) },
      },
      {
        id: 'ribbon',
        type: 'line',
        source: 'ribbons',
        layout: round,
        paint: { 'line-color': rampColour(), 'line-width': wide(11, 3.4), 'line-opacity': fade(14.2, 15.2, 1, 0) },
      },
    ],
  };
}

/** Take the colours of the current theme. */
export function repaint(map: MapGL): void {
  map.setPaintProperty('land', 'background-color', token('--map-land'));
  map.setPaintProperty('town', 'line-color', token('--map-block'));
  map.setPaintProperty('street-edge', 'line-color', token('--map-edge'));
  map.setPaintProperty('street', 'line-color', token('--map-street'));
  map.setPaintProperty('ribbon', 'line-color', rampColour());
}
