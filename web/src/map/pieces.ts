/** The straight pieces of streets on the screen, for the names along them. */
import type { Map as MapGL } from 'maplibre-gl';
import type { LonLat } from '../city/geometry';

/** A straight piece of a street on the screen: its middle, direction and length in px. */
export type Piece = { x: number; y: number; turn: number; long: number };
/** A name is not written again within this distance, px. */
export const APART_PX = 420;

/** A long piece carries its name more than once. */
function cut(a: { x: number; y: number }, b: { x: number; y: number }, long: number): Piece[] {
  const turn = Math.atan2(b.y - a.y, b.x - a.x);
  const times = Math.max(1, Math.min(12, Math.floor(long / APART_PX)));
  return Array.from({ length: times }, (_, k) => {
    const t = (k + 0.5) / times;
    return { x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t, turn, long };
  });
}

/** The pieces of a street at least so long, the longest first. */
export function piecesOf(map: MapGL, parts: LonLat[][], least: number): Piece[] {
  const found: Piece[] = [];
  for (const part of parts) {
    for (let i = 1; i < part.length; i++) {
      const a = map.project(part[i - 1] as LonLat);
      const b = map.project(part[i] as LonLat);
      const long = Math.hypot(b.x - a.x, b.y - a.y);
      if (long >= least) found.push(...cut(a, b, long));
    }
  }
  return found.sort((a, b) => b.long - a.long);
}
