/** The websocket's life: greeting, resuming, waiting longer and longer, renewing the token, holding the picture. */
import { decode, encode } from '@msgpack/msgpack';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Ledger } from '../src/live/ledger';
import { Line } from '../src/live/line';
import { CLOSED, type Incoming, type Outgoing } from '../src/live/wire';

/** A websocket whose other end is the test. */
class Wire {
  static readonly OPEN = 1;
  readyState = 0;
  binaryType = '';
  sent: Outgoing[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  send(data: Uint8Array): void {
    this.sent.push(...(decode(data) as Outgoing[]));
  }
  close(code = 1000): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  say(...messages: Incoming[]): void {
    this.onmessage?.({ data: encode(messages).slice().buffer });
  }
}

const welcome: Incoming = { t: 'welcome', v: 1, at: 0, tick_ms: 100, limits: {} };
const whole = (seq: number): Incoming => ({
  t: 'snap',
  topic: 'map',
  epoch: 'e',
  seq,
  at: 1,
  body: { bays: { a: ['free', 1] } },
});
const next = (seq: number, state: string): Incoming => ({
  t: 'delta',
  topic: 'map',
  epoch: 'e',
  prev: seq - 1,
  seq,
  at: 2,
  body: { bays: { a: [state, 2] } },
});

let wires: Wire[];
let renewals: boolean[];
let line: Line;
let ledger: Ledger;
const last = (): Wire => wires.at(-1) as Wire;
const soon = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', Wire);
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  wires = [];
  renewals = [];
  ledger = new Ledger();
  ledger.topic('map');
  line = new Line(
    ledger,
    async (renew) => {
      renewals.push(renew);
      return { url: 'ws://gateway/', token: 'secret' };
    },
    () => {
      wires.push(new Wire());
      return last() as unknown as WebSocket;
    },
  );
  line.start();
  await soon();
  last().open();
});
afterEach(() => {
  line.stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('greets with the token first and follows only when welcomed', () => {
  expect(last().sent).toEqual([{ t: 'hello', v: 1, token: 'secret' }]);
  last().say(welcome);
  expect(last().sent.slice(1)).toEqual([{ t: 'sub', topic: 'map' }]);
  expect(line.phase.value).toBe('open');
});

test('is settled once every topic is current', () => {
  last().say(welcome);
  expect(line.settled.value).toBe(false);
  last().say(whole(4));
  expect(line.settled.value).toBe(true);
});

test('resumes after a cut from the number it holds', async () => {
  last().say(welcome, whole(4));
  last().close(1006);
  expect(line.phase.value).toBe('cut');
  expect(line.settled.value).toBe(false);
  await soon(500);
  expect(wires).toHaveLength(2);
  last().open();
  last().say(welcome);
  expect(last().sent.slice(1)).toEqual([{ t: 'sub', topic: 'map', epoch: 'e', seq: 4 }]);
});

test('waits longer each time and tells when', async () => {
  for (const wait of [500, 1000, 2000]) {
    last().close(1006);
    expect(line.nextTry.value - Date.now()).toBe(wait);
    await soon(wait);
  }
  expect(wires).toHaveLength(4);
});

test('renews the token when the gateway says it is no longer good', async () => {
  last().close(CLOSED.noToken);
  await soon();
  expect(renewals).toEqual([false, true]);
  expect(wires).toHaveLength(2);
});

test('takes a silent line for dead', async () => {
  last().say(welcome, whole(4));
  await soon(14_000);
  expect(wires).toHaveLength(2);
});

test('shows a renewed token on the open line without starting anew', async () => {
  last().say(welcome, whole(4));
  const said = last().sent.length;
  await line.greet();
  last().say(welcome);
  expect(last().sent.slice(said)).toEqual([{ t: 'hello', v: 1, token: 'secret' }]);
  expect(line.settled.value).toBe(true);
});

describe('a frozen picture', () => {
  beforeEach(() => {
    last().say(welcome, whole(4));
    line.freeze(true);
    last().say(next(5, 'occupied'));
  });

  test('does not change', () => {
    expect(ledger.topic('map').body).toEqual({ bays: { a: ['free', 1] } });
  });

  test('takes what was held, in order, when it goes on', () => {
    last().say(next(6, 'verify'));
    line.freeze(false);
    expect(ledger.topic('map').body).toEqual({ bays: { a: ['verify', 2] } });
    expect(ledger.gaps).toBe(0);
  });
});

test('knows who is away from the last beat, and of nobody once the line is cut', () => {
  const beat: Incoming = { t: 'beat', at: 1, seqs: { map: ['e', 4] } };
  last().say(welcome, whole(4), { ...beat, away: ['database'] });
  expect(line.away.value).toEqual(['database']);
  last().say(beat);
  expect(line.away.value).toEqual([]);
  last().say({ ...beat, away: ['cell-0'] });
  last().close(1006);
  expect(line.away.value).toEqual([]);
});

test('says nothing more after it was stopped', async () => {
  line.stop();
  await soon(60_000);
  expect(wires).toHaveLength(1);
  expect(line.phase.value).toBe('idle');
});
