/** The tariff that is being written: its document, the version that it comes from, and what differs between the two. */
import { batch, computed, effect, signal } from '@preact/signals';
import { words } from '../words';
import { className, plain } from './money';
import type { Document, Whole } from './told';

export const draft = signal<Document | null>(null);
/** The version that the draft was begun from; null for a tariff that is not kept yet. */
export const base = signal<Whole | null>(null);
/** Where a tariff that is not kept yet is kept in this browser: several may be under way. */
export const fresh = signal('');
const past: Document[] = [];
export const undoable = signal(0);

/** Begin with a document: of a kept tariff, or (`key` is none that is taken) as a new one. */
export function begin(document: Document, from: Whole | null, key = nextKey()): void {
  batch(() => {
    fresh.value = from ? '' : key;
    draft.value = structuredClone(document);
    base.value = from;
  });
  past.length = 0;
  undoable.value = 0;
}

/** Change the draft: whatever `change` does to a copy of it becomes the draft. */
export function edit(change: (document: Document) => void): void {
  const before = draft.peek();
  if (!before) return;
  const after = structuredClone(before);
  change(after);
  if (JSON.stringify(after) === JSON.stringify(before)) return;
  past.push(before);
  undoable.value = past.length;
  draft.value = after;
}

export function undo(): void {
  const before = past.pop();
  if (before) draft.value = before;
  undoable.value = past.length;
}

const KEPT = 'yunparking.drafts';
type Kept = { document: Document; base: Whole | null };

/** Drafts of this browser that are not published yet, by the id of their tariff; new ones by `~1`, `~2` … */
function kept(): Record<string, Kept> {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Record<string, Kept>;
  } catch {
    return {};
  }
}

function keep(id: string, one: Kept | null): void {
  const { [id]: _, ...others } = kept();
  const all = one ? { ...others, [id]: one } : others;
  try {
    if (Object.keys(all).length) localStorage.setItem(KEPT, JSON.stringify(all));
    else localStorage.removeItem(KEPT);
  } catch {
    // A full or forbidden store keeps nothing: the draft lives until the page is left.
  }
}

const NEW = /^~\d+$/;
/** The new drafts of this browser: where each is kept, and its document. */
export const freshDrafts = (): [key: string, document: Document][] =>
  Object.entries(kept()).flatMap(([key, one]) => (NEW.test(key) ? [[key, one.document] as [string, Document]] : []));
const nextKey = (): string => `~${Math.max(0, ...freshDrafts().map(([key]) => Number(key.slice(1)))) + 1}`;

export const forget = (id: string): void => keep(id, null);
export const hasDraft = (id: string): boolean => id in kept();

/** Go on with the draft that this browser has of a tariff; whether there is one. */
export function resume(id: string): boolean {
  const found = kept()[id];
  if (found) begin(found.document, found.base, id);
  return found !== undefined;
}

type Leaf = [path: string, value: string];

function leaves(value: unknown, path: string): Leaf[] {
  if (Array.isArray(value)) {
    if (value.every((one) => typeof one !== 'object')) return [[path, value.join(', ')]];
    return value.flatMap((one, n) => leaves(one, `${path}[${n}]`));
  }
  if (value !== null && typeof value === 'object')
    return Object.entries(value).flatMap(([key, one]) => leaves(one, path ? `${path}.${key}` : key));
  return value === undefined || value === null ? [] : [[path, String(value)]];
}

/** One price where the other document has one for each class: the same for each, so that only what differs is told. */
function spread(one: Map<string, string>, other: Map<string, string>): void {
  for (const [path, value] of [...one]) {
    if (!path.endsWith('_fen') || other.has(path)) continue;
    const classes = [...other.keys()].filter((key) => key.startsWith(`${path}.`));
    if (classes.length) one.delete(path);
    for (const key of classes) one.set(key, value);
  }
}

export type Difference = { path: string; before: string | null; after: string | null };

/** What differs between two documents, field by field. */
export function differences(before: Document, after: Document): Difference[] {
  const old = new Map(leaves(before, ''));
  const now = new Map(leaves(after, ''));
  spread(old, now);
  spread(now, old);
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((path) => old.get(path) !== now.get(path))
    .map((path) => ({ path, before: old.get(path) ?? null, after: now.get(path) ?? null }));
}

export const changes = computed<Difference[]>(() =>
  draft.value && base.value ? differences(base.value.document, draft.value) : [],
);
effect(() => {
  const document = draft.value;
  const from = base.value;
  if (document) keep(from?.id ?? fresh.value, from && !changes.value.length ? null : { document, base: from });
});

/** Whether the price of a class differs from that version. */
export const repriced = (path: string, vehicle: string): boolean =>
  changes.value.some((one) => one.path === path || one.path === `${path}.${vehicle}`);
/** Whether a field differs from the version that the draft comes from. */
export const changed = (path: string): boolean =>
  changes.value.some((one) => one.path === path || one.path.startsWith(`${path}.`) || one.path.startsWith(`${path}[`));

const PART = /([a-z_]+|[^.[\]]+)(?:\[(\d+)\])?/gi;

/** `白天 · 第2段 · 单价`: where in a document something differs, as its form calls it. */
export function placeInWords(path: string, document: Document, nameOfPeriod: (name: string) => string): string {
  const w = words.value.tariffs;
  const said = [...path.matchAll(PART)].map(([, key = '', index]) => {
    const n = Number(index);
    if (key === 'periods') return nameOfPeriod(document.periods?.[n]?.name ?? `#${n + 1}`);
    if (key === 'stages') return w.stageNumber(n + 1);
    if (key === 'free') return w.freeNumber(n + 1);
    if (key === 'caps')
      return { day: w.capDay, hours: w.capHours, visit: w.capVisit }[document.caps?.[n]?.window ?? 'visit'];
    return w.fields[key] ?? className(key);
  });
  return said.join(' · ');
}

/** Money as money, everything else as it stands. */
export const valueInWords = (path: string, value: string): string =>
  /_fen\b/.test(path) && /^\d+$/.test(value) ? plain(Number(value)) : value;
