/** What the tariffs' pages work out by themselves: wall clocks, steps of a price, bands of a day, what differs. */
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { Document } from '../src/tariffs/told';
import { instantOf, wallOf } from '../src/tariffs/wall';

vi.stubGlobal('localStorage', { getItem: () => 'en', setItem: () => undefined });
vi.stubGlobal('sessionStorage', { getItem: () => null, setItem: () => undefined });
vi.stubGlobal('location', { hash: '', href: 'http://here/', protocol: 'http:' });

let draft: typeof import('../src/tariffs/draft');
let money: typeof import('../src/tariffs/money');
let chart: typeof import('../src/tariffs/chart');
let bands: typeof import('../src/rooms/tariff-bands');
beforeAll(async () => {
  [draft, money, chart, bands] = await Promise.all([
    import('../src/tariffs/draft'),
    import('../src/tariffs/money'),
    import('../src/tariffs/chart'),
    import('../src/rooms/tariff-bands'),
  ]);
});

describe('wall clocks', () => {
  test.each([
    ['Asia/Shanghai', '2026-03-06T09:30:15', '2026-03-06T01:30:15Z'],
    ['Europe/Berlin', '2026-07-01T00:00:00', '2026-06-30T22:00:00Z'],
    ['Australia/Melbourne', '2026-01-01T00:00:00', '2025-12-31T13:00:00Z'],
  ])('%s %s', (zone, wall, utc) => {
    expect(instantOf(wall, zone)).toBe(Date.parse(utc) * 1000);
    expect(wallOf(Date.parse(utc) * 1000, zone)).toBe(wall);
  });
  test('what is no time is null', () => expect(instantOf('soon', 'UTC')).toBeNull());
});

test('a step holds from just after its moment on', () => {
  const steps: [number, number][] = [
    [0, 0],
    [15, 250],
    [30, 500],
  ];
  expect([0, 1, 15, 16, 30, 31, 99].map((after) => chart.chargeAt(steps, after))).toEqual([
    0, 0, 0, 250, 250, 500, 500,
  ]);
});

test('an axis has round steps', () => {
  expect([7, 98, 450, 5000, 7350].map((most) => chart.roundStep(most, 5))).toEqual([2, 20, 100, 1000, 2000]);
});

test('one price stays one number until a class differs', () => {
  expect(money.withPrice(100, ['small', 'large'], 'large', 100)).toBe(100);
  expect(money.withPrice(100, ['small', 'large'], 'large', 200)).toEqual({ small: 100, large: 200 });
  expect(money.withPrice({ large: 200, '*': 100 }, ['small', 'large'], 'large', 100)).toBe(100);
  expect(money.withPrice(100, ['small'], 'small', 70)).toBe(70);
});

const document: Document = {
  name: { en: 'x' },
  periods: [
    { name: 'holiday', hours: ['09:00-19:00'], days: ['holiday'], stages: [{ unit_minutes: 60, price_fen: 300 }] },
    { name: 'day', hours: ['08:00-20:00'], stages: [{ unit_minutes: 30, price_fen: 250 }] },
    { name: 'night', hours: ['20:00-06:00'], flat_fen: 500 },
  ],
  caps: [{ window: 'day', amount_fen: 4000 }],
};

test('the first period that matches is in force, and nights go on after midnight', () => {
  const named = (days: string[]) =>
    bands
      .piecesOf(document, days)
      .map(({ from, to, period }) => [from / 60, to / 60, document.periods?.[period]?.name]);
  expect(named(['working'])).toEqual([
    [0, 6, 'night'],
    [6, 8, undefined],
    [8, 20, 'day'],
    [20, 24, 'night'],
  ]);
  expect(named(['holiday'])[3]).toEqual([9, 19, 'holiday']);
  expect(bands.tintsOf(document.periods ?? [])).toEqual(['d', 'e', 'n']);
});

test('what differs is said as the form calls it', () => {
  const changed = structuredClone(document);
  const [, day] = changed.periods ?? [];
  if (day?.stages?.[0]) day.stages[0].price_fen = { small: 250, large: 400 };
  changed.caps = [{ window: 'day', amount_fen: 4500 }];
  const said = draft
    .differences(document, changed)
    .map((one) => [
      draft.placeInWords(one.path, changed, bands.nameOfPeriod),
      one.before && draft.valueInWords(one.path, one.before),
      one.after && draft.valueInWords(one.path, one.after),
    ]);
  expect(said).toEqual([
    ['Cap a day · amount', '40.00', '45.00'],
    ['Day · stage 1 · price · Large', '2.50', '4.00'],
  ]);
});

test('a draft can be changed and taken back, and knows its version', () => {
  draft.begin(document, null);
  draft.edit((made) => {
    made.name = { en: 'y' };
  });
  expect(draft.draft.value?.name).toEqual({ en: 'y' });
  expect(document.name).toEqual({ en: 'x' });
  draft.edit(() => undefined);
  expect(draft.undoable.value).toBe(1);
  draft.undo();
  expect(draft.draft.value).toEqual(document);
});
