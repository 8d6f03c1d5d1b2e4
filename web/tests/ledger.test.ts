/** The law of the live store: deltas strictly by (epoch, prev, seq), gaps closed by asking, nothing guessed. */
import { describe, expect, test } from 'vitest';
import { Ledger } from '../src/live/ledger';
import type { Body, Delta, Snap } from '../src/live/wire';

const snap = (topic: string, seq: number, body: Body, epoch = 'e'): Snap => ({
  t: 'snap',
  topic,
  epoch,
  seq,
  at: seq,
  body,
});
const delta = (topic: string, prev: number, seq: number, body: Body, epoch = 'e'): Delta => ({
  t: 'delta',
  topic,
  epoch,
  prev,
  seq,
  at: seq,
  body,
});
const beat = (seqs: Record<string, [string, number]>, at = 1000) => ({ t: 'beat' as const, at, seqs });

function following(topic = 'map'): Ledger {
  const ledger = new Ledger();
  ledger.want(topic);
  ledger.receive(snap(topic, 5, { bays: { a: ['free', 1], b: ['free', 1] } }));
  return ledger;
}
const bays = (ledger: Ledger) => ledger.topic('map').body?.bays;

describe('a delta', () => {
  test('applies when it follows what is held', () => {
    const ledger = following();
    expect(ledger.receive(delta('map', 5, 6, { bays: { a: ['occupied', 9] } }))).toEqual([]);
    expect(bays(ledger)).toEqual({ a: ['occupied', 9], b: ['free', 1] });
    expect(ledger.topic('map').seq).toBe(6);
  });

  test('may skip numbers as long as it says what it follows', () => {
    const ledger = following();
    ledger.receive(delta('map', 5, 9, { bays: { a: ['occupied', 9] } }));
    expect(ledger.topic('map').seq).toBe(9);
  });

  test('that is older is ignored', () => {
    const ledger = following();
    expect(ledger.receive(delta('map', 3, 5, { bays: { a: ['faulty', 2] } }))).toEqual([]);
    expect(bays(ledger)).toMatchObject({ a: ['free', 1] });
  });

  test('with a null row removes the row', () => {
    const ledger = following();
    ledger.receive(delta('map', 5, 6, { bays: { b: null } }));
    expect(bays(ledger)).toEqual({ a: ['free', 1] });
  });

  test('before any snapshot is ignored', () => {
    const ledger = new Ledger();
    ledger.want('map');
    expect(ledger.receive(delta('map', 0, 1, { bays: {} }))).toEqual([]);
    expect(ledger.topic('map').body).toBeNull();
  });
});

describe('a gap', () => {
  test('asks for the whole, once, and changes nothing meanwhile', () => {
    const ledger = following();
    expect(ledger.receive(delta('map', 7, 8, { bays: { a: ['occupied', 9] } }))).toEqual([{ t: 'sub', topic: 'map' }]);
    expect(ledger.receive(delta('map', 8, 9, { bays: { a: ['occupied', 9] } }))).toEqual([]);
    expect(bays(ledger)).toMatchObject({ a: ['free', 1] });
    expect(ledger.gaps).toBe(1);
    expect(ledger.settled).toBe(false);
  });

  test('is closed by the snapshot', () => {
    const ledger = following();
    ledger.receive(delta('map', 7, 8, { bays: {} }));
    ledger.receive(snap('map', 9, { bays: { a: ['verify', 3] } }));
    ledger.receive(delta('map', 9, 10, { bays: { a: ['free', 4] } }));
    expect(bays(ledger)).toEqual({ a: ['free', 4] });
    expect(ledger.settled).toBe(true);
  });

  test('is also another epoch', () => {
    const ledger = following();
    expect(ledger.receive(delta('map', 5, 6, { bays: {} }, 'other'))).toEqual([{ t: 'sub', topic: 'map' }]);
  });

  test('that only the beat shows is closed by deltas', () => {
    const ledger = following();
    expect(ledger.receive(beat({ map: ['e', 7] }))).toEqual([{ t: 'sub', topic: 'map', epoch: 'e', seq: 5 }]);
    expect(ledger.settled).toBe(false);
    ledger.receive(delta('map', 5, 7, { bays: {} }));
    ledger.receive(beat({ map: ['e', 7] }, 2000));
    expect(ledger.settled).toBe(true);
    expect(ledger.topic('map').confirmed).toBe(2000);
  });

  test('that deltas do not close within three beats is closed by a snapshot', () => {
    const ledger = following();
    ledger.receive(beat({ map: ['e', 7] }));
    expect(ledger.receive(beat({ map: ['e', 7] }))).toEqual([]);
    expect(ledger.receive(beat({ map: ['e', 7] }))).toEqual([{ t: 'sub', topic: 'map' }]);
  });
});

describe('a new connection', () => {
  test('asks every topic for what it missed', () => {
    const ledger = following();
    ledger.want('city');
    expect(ledger.resume()).toEqual([
      { t: 'sub', topic: 'map', epoch: 'e', seq: 5 },
      { t: 'sub', topic: 'city' },
    ]);
    expect(ledger.settled).toBe(false);
  });

  test('is settled when the gateway confirms the number', () => {
    const ledger = following();
    ledger.resume();
    ledger.receive(delta('map', 5, 6, { bays: {} }));
    expect(ledger.settled).toBe(false);
    ledger.receive(beat({ map: ['e', 6] }));
    expect(ledger.settled).toBe(true);
  });

  test('takes a snapshot where the deltas are gone', () => {
    const ledger = following();
    ledger.resume();
    ledger.receive(snap('map', 2, { bays: {} }, 'new'));
    expect(ledger.topic('map')).toMatchObject({ epoch: 'new', seq: 2, phase: 'current' });
  });
});

test('a dropped topic is forgotten, and late words about it are ignored', () => {
  const ledger = following();
  expect(ledger.drop('map')).toEqual({ t: 'unsub', topic: 'map' });
  expect(ledger.receive(delta('map', 5, 6, { bays: {} }))).toEqual([]);
  expect(ledger.topics.size).toBe(0);
});

test('listeners hear each applied change with its kind', () => {
  const ledger = new Ledger();
  const heard: string[] = [];
  const end = ledger.on('map', (change) => heard.push(change.kind));
  ledger.want('map');
  ledger.receive(snap('map', 1, { bays: {} }));
  ledger.receive(delta('map', 1, 2, { bays: {} }));
  end();
  ledger.receive(delta('map', 2, 3, { bays: {} }));
  expect(heard).toEqual(['snap', 'delta']);
  expect(ledger.topic('map').version.value).toBe(3);
});

test('a topic that is not for us does not keep the page waiting, and is asked for again by a new connection', () => {
  const ledger = following();
  ledger.want('devices');
  expect(ledger.settled).toBe(false);
  ledger.receive({ t: 'gone', topic: 'devices', code: 'forbidden' });
  expect(ledger.settled).toBe(true);
  expect(ledger.resume()).toContainEqual({ t: 'sub', topic: 'devices' });
});
