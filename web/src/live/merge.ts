/** How a delta changes the body of its topic: maps key by key, rows whole, a null row is gone; two lists differ. */
import type { AlarmRow, Body, EventRow } from './wire';

/** Events kept for the ticker. */
export const EVENTS_KEPT = 120;

export const kindOf = (topic: string): string => topic.split('/', 1)[0] ?? topic;

const isMap = (value: unknown): value is Body => typeof value === 'object' && value !== null && !Array.isArray(value);

function mergeRows(rows: Body, changed: Body): void {
  for (const [id, row] of Object.entries(changed)) {
    if (row === null) delete rows[id];
    else rows[id] = row;
  }
}

function mergeMap(body: Body, delta: Body): void {
  for (const [key, value] of Object.entries(delta)) {
    const held = body[key];
    if (isMap(held) && isMap(value)) mergeRows(held, value);
    else body[key] = value;
  }
}

function mergeEvents(body: Body, delta: Body): void {
  const held = (body.list ?? []) as EventRow[];
  const fresh = (delta.list ?? []) as EventRow[];
  body.list = [...held, ...fresh].slice(-EVENTS_KEPT);
}

type AlarmEvent = ['raise', string, ...AlarmRow] | ['clear', string, number];

function mergeAlarms(body: Body, delta: Body): void {
  const open: Record<string, AlarmRow> = { ...((body.open ?? {}) as Record<string, AlarmRow>) };
  for (const [verb, id, ...row] of (delta.events ?? []) as AlarmEvent[]) {
    if (verb === 'raise') open[id] = row as AlarmRow;
    else delete open[id];
  }
  body.open = open;
}

/** Change `body` in place as `delta` says. */
export function merge(topic: string, body: Body, delta: Body): void {
  const kind = kindOf(topic);
  if (kind === 'events') mergeEvents(body, delta);
  else if (kind === 'alarms') mergeAlarms(body, delta);
  else mergeMap(body, delta);
}
