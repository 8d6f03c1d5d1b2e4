/** Straightening a street: true order, two sides, metres. */
import { expect, test } from 'vitest';
import { axisOf, kerbGap, type LonLat, metres, onAxis } from '../src/city/geometry';

const ORIGIN: LonLat = [144.96, -37.81];
const street = (across: number): LonLat[] => {
  const axis = axisOf([], 90);
  return [0, 10, 20, 30, 40].map((t) =>
    onAxis({ ...axis, origin: ORIGIN, direction: [Math.cos(0.3), Math.sin(0.3)] }, t, across),
  );
};

test('the axis runs along the bays and keeps their distances', () => {
  const points = street(0);
  const axis = axisOf(points, 0);
  expect(Math.atan2(axis.direction[1], axis.direction[0])).toBeCloseTo(0.3, 3);
  expect(axis.to - axis.from).toBeCloseTo(40, 1);
  expect(points.map(axis.along)).toEqual([...points.map(axis.along)].sort((a, b) => a - b));
});

test('a lone bay lies along its bearing', () => {
  expect(axisOf([ORIGIN], 90).direction[0]).toBeCloseTo(1);
});

test('two kerbs are told apart, one is not split', () => {
  const both = [...street(-6), ...street(6)];
  const axis = axisOf(both, 0);
  expect(kerbGap(both.map(axis.across))).toBeCloseTo(0, 1);
  expect(kerbGap(street(0).map(axis.across))).toBeNull();
});

test('metres east and north', () => {
  const [x, y] = metres(ORIGIN, [ORIGIN[0] + 0.001, ORIGIN[1]]);
  expect(x).toBeCloseTo(87.95, 1);
  expect(y).toBe(0);
});
