/** What the badge and the bar say, from what the line knows. */
import { describe, expect, test } from 'vitest';
import { isCurrent, type Known, standingOf } from '../src/live/standing';

const calm: Known = {
  now: 100_000,
  phase: 'open',
  frozenAt: null,
  attempts: 0,
  nextTry: 0,
  heardAt: 99_900,
  lag: 0,
  settled: true,
  away: [],
};
const of = (known: Partial<Known>) => standingOf({ ...calm, ...known });

test('a settled line is live', () => {
  expect(of({})).toEqual({ mark: 'live', seconds: 0.1 });
});

test('a line that has gaps is catching up', () => {
  expect(of({ settled: false }).mark).toBe('sync');
});

describe('a part that is away', () => {
  test.each(['database', 'broker', 'intake', 'cell-1', 'views', 'projector'])('%s is never live', (part) => {
    expect(of({ away: [part] })).toEqual({ mark: 'away', parts: [part] });
  });

  test('is the reason why the numbers are late or a topic is missing', () => {
    expect(of({ away: ['views'], lag: 9000, settled: false })).toEqual({ mark: 'away', parts: ['views'] });
  });

  test('all are named, in the order that the gateway gave them', () => {
    expect(of({ away: ['broker', 'cell-0'] })).toEqual({ mark: 'away', parts: ['broker', 'cell-0'] });
  });

  test('is of no word when nobody says so any more', () => {
    expect(of({ away: ['database'], heardAt: 94_000 })).toEqual({ mark: 'late', seconds: 6 });
    expect(of({ away: ['database'], phase: 'cut', attempts: 1, nextTry: 102_000 }).mark).toBe('cut');
  });

  test('stands behind a picture that the reader froze', () => {
    expect(of({ away: ['database'], frozenAt: 7 })).toEqual({ mark: 'frozen', at: 7 });
  });
});

test('without the projector the map is of this moment, without anybody else it is not', () => {
  expect(isCurrent({ mark: 'away', parts: ['projector'] })).toBe(true);
  expect(isCurrent({ mark: 'away', parts: ['database', 'projector'] })).toBe(false);
  expect(isCurrent({ mark: 'late', seconds: 9 })).toBe(false);
  expect(isCurrent({ mark: 'live', seconds: 0.1 })).toBe(true);
});
