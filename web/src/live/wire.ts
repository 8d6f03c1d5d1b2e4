/** The messages of the live line, both ways: MessagePack maps, many to a frame. Times are microseconds UTC. */

export const STATES = ['free', 'occupied', 'reserved', 'owing', 'verify', 'faulty', 'stale', 'unknown'] as const;
export type State = (typeof STATES)[number];
export type Counts = Partial<Record<State, number>>;
export type Rows<T> = Record<string, T>;
export type Source = 'replay' | 'simulated' | 'live';

export type CityBody = {
  counts: Counts;
  bays: number;
  occupancy: number;
  devices: { online: number; total: number; low_battery: number };
  rate: { per_min: number; delay_p50_us: number | null };
  unknown_frames: number;
  source: Source;
  regions: Rows<{ counts: Counts; bays: number }>;
};

/** state, since, changed, device, needs a human look */
export type LotBayRow = [State, number, number, string | null, boolean];
/** last seen, battery %, signal dBm, frames lost, offline since, clock drift, bay */
export type LotDeviceRow = [number, number | null, number | null, number, number | null, number, string];
export type LotBody = { counts: Counts; bays: Rows<LotBayRow>; devices: Rows<LotDeviceRow> };

export type MapBody = { bays: Rows<[State, number]> };

/** at, verb, bay, number, lot, device, seen by the device, received by the gateway, delay */
export type EventRow = [number, 'taken' | 'freed', string, string, string, string, number, number, number];
export type EventsBody = { list: EventRow[] };

export type DevicesBody = {
  kinds: Rows<{ online: number; offline: number; low_battery: number; total: number }>;
  offline: Rows<[number, string, string]>;
  low_battery: Rows<[number, string, string]>;
};

/** raised, code, severity, subject, lot, detail */
export type AlarmRow = [number, string, string, string, string | null, unknown];
export type AlarmsBody = { open: Rows<AlarmRow> };

export type Body = Record<string, unknown>;

export type Snap = { t: 'snap'; topic: string; epoch: string; seq: number; at: number; body: Body };
export type Delta = { t: 'delta'; topic: string; epoch: string; prev: number; seq: number; at: number; body: Body };
/** `away`: the parts of the city that do not answer, what others stand on first. */
export type Beat = { t: 'beat'; at: number; seqs: Record<string, [string, number]>; away?: string[] };
export type Incoming =
  | { t: 'welcome'; v: number; at: number; tick_ms: number; limits: Record<string, number> }
  | Snap
  | Delta
  | Beat
  | { t: 'pong'; id: string | number; at: number }
  | { t: 'gone'; topic: string; code: string }
  | { t: 'error'; code: string; message: string };

export type Sub = { t: 'sub'; topic: string; epoch?: string; seq?: number };
export type Outgoing =
  | { t: 'hello'; v: 1; token: string }
  | Sub
  | { t: 'unsub'; topic: string }
  | { t: 'ping'; id: number };

/** Why the gateway hung up. */
export const CLOSED = { badFrame: 4400, noToken: 4401, helloLate: 4408, tooMuch: 4429 } as const;
