/** Each topic's own way to take a delta. */
import { describe, expect, test } from 'vitest';
import { EVENTS_KEPT, merge } from '../src/live/merge';

describe('the latest value wins', () => {
  test('city: counts by state, rows of regions whole', () => {
    const body = {
      counts: { free: 2, occupied: 1 },
      bays: 3,
      regions: { a: { counts: { free: 2 }, bays: 2 }, b: { counts: {}, bays: 1 } },
    };
    merge('city', body, { counts: { free: 1, occupied: 2 }, regions: { a: { counts: { free: 1 }, bays: 2 } } });
    expect(body).toEqual({
      counts: { free: 1, occupied: 2 },
      bays: 3,
      regions: { a: { counts: { free: 1 }, bays: 2 }, b: { counts: {}, bays: 1 } },
    });
  });

  test('lot: a changed bay and a changed device, each by its id', () => {
    const body = {
      counts: { free: 1 },
      bays: { a: ['free', 1], b: ['free', 1] },
      devices: { d: [1, 90], gone: [1, 80] },
    };
    merge('lot/7', body, { bays: { a: ['occupied', 2] }, devices: { gone: null } });
    expect(body).toEqual({
      counts: { free: 1 },
      bays: { a: ['occupied', 2], b: ['free', 1] },
      devices: { d: [1, 90] },
    });
  });

  test('city: only the part of a map that changed', () => {
    const body = { rate: { per_min: 3, delay_p50_us: 9 }, occupancy: 0.5 };
    merge('city', body, { rate: { per_min: 4 }, occupancy: 0.6 });
    expect(body).toEqual({ rate: { per_min: 4, delay_p50_us: 9 }, occupancy: 0.6 });
  });

  test('a key that was not there appears', () => {
    const body: Record<string, unknown> = {};
    merge('city', body, { unknown_frames: 3, regions: { a: 1 } });
    expect(body).toEqual({ unknown_frames: 3, regions: { a: 1 } });
  });
});

test('events: appended, newest last, only the newest kept', () => {
  const body = { list: [[1], [2]] };
  merge('events', body, { list: Array.from({ length: EVENTS_KEPT }, (_, i) => [i + 3]) });
  expect(body.list).toHaveLength(EVENTS_KEPT);
  expect(body.list.at(-1)).toEqual([EVENTS_KEPT + 2]);
});

test('alarms: raised and cleared in the order told', () => {
  const body = { open: { x: [1, 'bay_faulty', 'warning', '7', '7', {}] } };
  merge('alarms', body, {
    events: [
      ['raise', 'y', 2, 'battery_low', 'info', 'd', '7', {}],
      ['clear', 'x', 3],
      ['raise', 'z', 4, 'bay_faulty', 'warning', '8', '7', {}],
      ['clear', 'z', 5],
    ],
  });
  expect(Object.keys(body.open)).toEqual(['y']);
});
