/** The state of every bay and the sums by lot, road, region and city, kept up with the `map` topic. */
import { type Signal, signal } from '@preact/signals';
import { ledger } from '../live/city-line';
import type { Change } from '../live/ledger';
import { type Counts, type MapBody, STATES, type State } from '../live/wire';
import type { Bay, Catalogue } from './catalogue';

export const CODE = Object.fromEntries(STATES.map((state, code) => [state, code])) as Record<State, number>;
const UNKNOWN = CODE.unknown;
const KINDS = STATES.length;

type Row = [State, number] | null;

/** Bays by state code of one place. */
export type Sum = Uint32Array;

export class Tally {
  readonly state: Uint8Array;
  readonly since: Float64Array;
  readonly city: Sum = new Uint32Array(KINDS);
  readonly regions = new Map<string, Sum>();
  readonly roads = new Map<string, Sum>();
  readonly lots = new Map<string, Sum>();
  /** Grows with every applied change. */
  readonly version: Signal<number> = signal(0);
  /** Whether the first whole picture is here. */
  filled = false;
  private readonly ears = new Set<(changed: number[], whole: boolean) => void>();

  constructor(private readonly city_: Catalogue) {
    this.state = new Uint8Array(city_.bays.length).fill(UNKNOWN);
    this.since = new Float64Array(city_.bays.length);
    for (const bay of city_.bays) this.count(bay, UNKNOWN, 1);
  }

  onChange(ear: (changed: number[], whole: boolean) => void): () => void {
    this.ears.add(ear);
    return () => this.ears.delete(ear);
  }

  apply(change: Change): void {
    const rows: Record<string, Row> = (change.body as MapBody).bays ?? {};
    const whole = change.kind === 'snap';
    const changed: number[] = [];
    const ids = whole ? this.city_.bayById.keys() : Object.keys(rows);
    for (const id of ids) {
      const bay = this.city_.bayById.get(id);
      if (bay && this.put(bay, rows[id] ?? null)) changed.push(bay.index);
    }
    this.filled ||= whole;
    if (changed.length === 0 && !whole) return;
    this.version.value += 1;
    for (const ear of this.ears) ear(changed, whole);
  }

  /** What a bay shows; reading it in a component follows the changes. */
  stateOf(bay: Bay): State {
    this.version.value;
    return STATES[this.state[bay.index] ?? UNKNOWN] ?? 'unknown';
  }

  private put(bay: Bay, row: Row): boolean {
    const code = row ? (CODE[row[0]] ?? UNKNOWN) : UNKNOWN;
    const held = this.state[bay.index] ?? UNKNOWN;
    this.since[bay.index] = row ? row[1] : 0;
    if (held === code) return false;
    this.count(bay, held, -1);
    this.count(bay, code, 1);
    this.state[bay.index] = code;
    return true;
  }

  private count(bay: Bay, code: number, by: number): void {
    bump(this.city, code, by);
    bump(sumIn(this.regions, bay.region), code, by);
    bump(sumIn(this.roads, bay.road), code, by);
    bump(sumIn(this.lots, bay.lot), code, by);
  }
}

const bump = (sum: Sum, code: number, by: number): void => {
  sum[code] = (sum[code] ?? 0) + by;
};

function sumIn(sums: Map<string, Sum>, key: string): Sum {
  const held = sums.get(key);
  if (held) return held;
  const fresh = new Uint32Array(KINDS);
  sums.set(key, fresh);
  return fresh;
}

export const countsOf = (sum: Sum | undefined): Counts =>
  Object.fromEntries(STATES.map((state, code) => [state, sum?.[code] ?? 0]));
export const totalOf = (counts: Counts): number => STATES.reduce((all, state) => all + (counts[state] ?? 0), 0);

/** Bays with a car in them. */
export const takenOf = (counts: Counts): number => (counts.occupied ?? 0) + (counts.owing ?? 0);
/** Bays of which it is known whether a car is in them. */
export const knownOf = (counts: Counts): number =>
  takenOf(counts) + (counts.free ?? 0) + (counts.reserved ?? 0) + (counts.verify ?? 0);
/** Share of known bays that are taken, or null when none is known. */
export const shareOf = (counts: Counts): number | null => (knownOf(counts) ? takenOf(counts) / knownOf(counts) : null);

export const tally = signal<Tally | null>(null);

/** Begin to count once the city is known; the answer ends it. */
export function countFrom(catalogue: Catalogue): () => void {
  const fresh = new Tally(catalogue);
  const body = ledger.topic('map').body;
  if (body) fresh.apply({ kind: 'snap', body, at: 0 });
  tally.value = fresh;
  return ledger.on('map', (change) => fresh.apply(change));
}
