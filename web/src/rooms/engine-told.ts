/** What the gateway tells of the engine, and how its page reads it. */
import { second } from '../clock';
import { line } from '../live/city-line';
import type { Points } from '../parts/spark';

export type CellTold = {
  slots: number;
  placed_slots: number;
  actors: number;
  turns_per_s: number | null;
  commit_p50_us: number | null;
  commit_p99_us: number | null;
  outbox_letters: number;
};
export type WorkerTold = {
  name: string;
  role: string;
  up: boolean;
  unheard_us: number;
  pid: number | null;
  host: string | null;
  since_us: number | null;
  memory_bytes: number | null;
  cpu: number | null;
  loop_lag_p99_us: number | null;
  cell: CellTold | null;
};
export type IngestTold = {
  up: boolean;
  in_flight: number;
  held: number;
  waiting: number | null;
  full: number | null;
  keeps_out: boolean;
  waiting_us: number | null;
  frames_per_s: number | null;
  acknowledge_p50_us: number | null;
  acknowledge_p99_us: number | null;
};
export type StoreTold = {
  undelivered_orders: number;
  world_bytes: number;
  grown_bytes: number;
  grown_us: number;
  tables: Record<string, number>;
  unread_us: number;
};
export type LagTold = { name: string; pages: number; behind_us: number; unread_us: number };
export type EngineTold = {
  at_us: number;
  gateway: string;
  workers: WorkerTold[];
  ingest: IngestTold | null;
  live: { clients: number; frames_per_s: number | null; skipped_frames: number } | null;
  store: StoreTold | null;
  lags: LagTold[];
  lines: { name: string; points: Points }[];
};

/** The gateway looks at the tables every five seconds: after twice that it could not. */
const UNREAD_US = 10e6;
export const databaseAway = (): boolean => line.away.value.includes('database');
export const brokerAway = (): boolean => line.away.value.includes('broker');
/** Whether figures of the tables, read so long ago, say nothing of now. */
export const outOfDate = (unreadUs: number): boolean => databaseAway() || unreadUs > UNREAD_US;
/** Whether a worker that answers gets nothing stored. */
export const storesNothing = (worker: WorkerTold): boolean =>
  worker.role === 'cell' && (databaseAway() || line.away.value.includes(worker.name));

export const nowUs = (): number => second.value * 1000 + line.skew;
export const lineOf = (told: EngineTold, name: string): Points =>
  told.lines.find((each) => each.name === name)?.points ?? [];
