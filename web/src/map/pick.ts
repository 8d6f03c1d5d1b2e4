/** Which bay is under the pointer: a grid over the city, so that a look-up never walks all bays. */
import type { Map as MapGL } from 'maplibre-gl';
import type { Bay } from '../city/catalogue';

/** Side of a grid square in degrees, about 150 m. */
const CELL = 0.0015;
const keyOf = (lon: number, lat: number): string => `${Math.floor(lon / CELL)}:${Math.floor(lat / CELL)}`;

export class Picker {
  private readonly grid = new Map<string, Bay[]>();

  constructor(
    private readonly map: MapGL,
    bays: Bay[],
  ) {
    for (const bay of bays) {
      const key = keyOf(...bay.at);
      const held = this.grid.get(key);
      if (held) held.push(bay);
      else this.grid.set(key, [bay]);
    }
  }

  /** The bay nearest to a point of the map, within `reach` px. */
  at(x: number, y: number, reach: number): Bay | null {
    const { lng, lat } = this.map.unproject([x, y]);
    let best: Bay | null = null;
    let least = reach;
    for (let i = -1; i <= 1; i++) {
      for (let j = -1; j <= 1; j++) {
        for (const bay of this.grid.get(keyOf(lng + i * CELL, lat + j * CELL)) ?? []) {
          const point = this.map.project(bay.at);
          const away = Math.hypot(point.x - x, point.y - y);
          if (away < least) [best, least] = [bay, away];
        }
      }
    }
    return best;
  }
}
