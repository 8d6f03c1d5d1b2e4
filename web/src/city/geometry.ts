/** Plane geometry on a small piece of the earth: metres around a point, and the straight line through a kerb. */

export type LonLat = [number, number];
export type XY = [number, number];

const M_PER_DEG = 111_320;

/** Metres east and north of `origin`. */
export const metres = (origin: LonLat, [lon, lat]: LonLat): XY => [
  (lon - origin[0]) * M_PER_DEG * Math.cos((origin[1] * Math.PI) / 180),
  (lat - origin[1]) * M_PER_DEG,
];

export const fromMetres = (origin: LonLat, [x, y]: XY): LonLat => [
  origin[0] + x / (M_PER_DEG * Math.cos((origin[1] * Math.PI) / 180)),
  origin[1] + y / M_PER_DEG,
];

/** A lot's kerb as a straight line: origin in its middle, unit direction, extent along and across in metres. */
export type Axis = {
  origin: LonLat;
  direction: XY;
  from: number;
  to: number;
  low: number;
  high: number;
  along: (at: LonLat) => number;
  across: (at: LonLat) => number;
};

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / (values.length || 1);

/** Direction of greatest spread; pointing east, or north when it runs north. */
function principal(points: XY[]): XY {
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (const [x, y] of points) {
    xx += x * x;
    xy += x * y;
    yy += y * y;
  }
  const angle = 0.5 * Math.atan2(2 * xy, xx - yy);
  const direction: XY = [Math.cos(angle), Math.sin(angle)];
  return direction[0] < -1e-9 ? [-direction[0], -direction[1]] : direction;
}

/** The line through some points; `bearing` (degrees) decides when they are too few to tell. */
export function axisOf(points: LonLat[], bearing: number): Axis {
  const origin: LonLat = [mean(points.map((p) => p[0])), mean(points.map((p) => p[1]))];
  const flat = points.map((point) => metres(origin, point));
  const radians = (bearing * Math.PI) / 180;
  const direction: XY = points.length < 3 ? [Math.sin(radians), Math.cos(radians)] : principal(flat);
  const [dx, dy] = direction;
  const along = (at: LonLat): number => {
    const [x, y] = metres(origin, at);
    return x * dx + y * dy;
  };
  const across = (at: LonLat): number => {
    const [x, y] = metres(origin, at);
    return -x * dy + y * dx;
  };
  const ts = points.map(along);
  const us = points.map(across);
  const least = (values: number[]): number => (values.length ? Math.min(...values) : 0);
  const most = (values: number[]): number => (values.length ? Math.max(...values) : 0);
  return { origin, direction, from: least(ts), to: most(ts), low: least(us), high: most(us), along, across };
}

/** A point `t` metres along and `u` metres across an axis. */
export const onAxis = (axis: Axis, t: number, u: number): LonLat => {
  const [dx, dy] = axis.direction;
  return fromMetres(axis.origin, [t * dx - u * dy, t * dy + u * dx]);
};

/** Split at the widest gap between the two kerbs of a street; null when all stand on one side. */
export function kerbGap(across: number[], least = 2.4): number | null {
  const sorted = [...across].sort((a, b) => a - b);
  let widest = 0;
  let middle = 0;
  for (let i = 1; i < sorted.length; i++) {
    const gap = (sorted[i] ?? 0) - (sorted[i - 1] ?? 0);
    if (gap > widest) {
      widest = gap;
      middle = ((sorted[i] ?? 0) + (sorted[i - 1] ?? 0)) / 2;
    }
  }
  return widest >= least ? middle : null;
}
