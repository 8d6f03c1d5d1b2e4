/** What the gateway tells of tariffs: documents, versions, prices, curves, calendars. Money in hundredths, time in µs. */
import { lang } from '../words';

export type Price = number | Record<string, number>;
export type Counting = 'started' | 'completed' | 'exact';
export type Stage = { unit_minutes: number; price_fen: Price; upto_minutes?: number | null; arrival?: string };
export type Period = {
  name: string;
  hours?: string[];
  days?: string[];
  classes?: string[];
  stages?: Stage[];
  flat_fen?: Price | null;
  cap_fen?: Price | null;
  counts?: boolean;
  units?: Counting | null;
};
export type Cap = { amount_fen: Price; window: 'visit' | 'hours' | 'day'; hours?: number; at?: string };
export type Free = {
  minutes: number;
  mode?: 'gate' | 'deduct';
  inclusive?: boolean;
  days?: string[];
  classes?: string[];
};
export type Turns = { at: string; price_fen: Price; first?: 'entry_day' | 'next_day'; inclusive?: boolean };
export type Charging = { charging: string; idle: string; grace_minutes?: number; plug_in_minutes?: number };
/** A tariff document; fields that the form does not know are kept as they are. */
export type Document = {
  name: Record<string, string>;
  currency?: string;
  zone?: string;
  classes?: string[];
  periods?: Period[];
  visit?: { price_fen: Price; turns?: Turns | null } | null;
  charging?: Charging | null;
  units?: Counting;
  at_period_end?: 'cut' | 'run_on' | 'pool';
  stages_restart?: 'stay' | 'cycle' | 'occurrence' | 'period';
  free?: Free[];
  caps?: Cap[];
  factors?: Record<string, string>;
  rounding?: { to_fen?: number; mode?: string };
  least_fen?: Price | null;
  max_stay_minutes?: number | null;
  reentry_minutes?: number;
  exit_grace_minutes?: number;
  on_change?: 'entry' | 'unit' | 'cut';
  [field: string]: unknown;
};

export type Told = { zh: string[]; en: string[] };
export type Problem = { code: string; where: string; sentence: string; sentence_zh: string };
/** What is wrong, in the reader's language. */
export const sentenceOf = (one: Problem): string => (lang.value === 'zh' && one.sentence_zh) || one.sentence;
export type Checked = { problems: Problem[]; words: Told | null; document: Document | null };
export type Standing = 'in_force' | 'coming' | 'past' | 'replaced';
export type Version = {
  version: number;
  standing: Standing;
  effective_us: number;
  until_us: number | null;
  at: number;
  who: string;
  note: string;
};
export type Whole = { id: string; version: Version; document: Document; words: Told };
export type TariffLine = {
  id: string;
  name: Record<string, string>;
  currency: string;
  zone: string;
  newest: number;
  version: number | null;
  next_us: number | null;
  lots: number;
};
export type Offer = { id: string; document: Document; words: Told };
export type Assignment = { lot: string; tariff: string; standing: Standing; effective_us: number; who: string };

export type Line = {
  kind: string;
  from_us: number;
  to_us: number;
  amount_fen: number;
  rule?: string;
  count?: number;
  unit_us?: number;
  price_fen?: number;
  gross_fen?: number;
  limit?: string;
};
export type Notice = { code: string; detail: string };
export type Quote = {
  currency: string;
  zone: string;
  lines: Line[];
  charge_fen: number;
  due_fen: number;
  notices?: Notice[];
};
export type Priced = {
  tariff: string;
  version: number;
  quote: Quote;
  words: Told;
  change: { now_fen: number; holds_until_us: number | null; then_fen: number | null };
};
export type Step = [number, number];
export type Curves = {
  currency: string;
  zone: string;
  length_us: number;
  curves: { name: Record<string, string>; steps: Step[] }[];
  bands: { from_us: number; to_us: number; name: Record<string, string> }[];
  unknown_years: number[];
};
/** How a tariff is named to the gateway. */
export type Which = { document: Document } | { tariff: string; version: number } | { preset: string };

export type Outcome = {
  entry: string;
  exit: string;
  vehicle: string;
  what: string;
  policy: string;
  expected_fen: number;
  got_fen: number;
  right: boolean;
  words: Told;
};
export type Tried = {
  id: string;
  city: string;
  currency: string;
  document: Document | null;
  outcomes: Outcome[];
  problems: Problem[];
};
export type ExamplesTried = { right: number; wrong: number; unread: number; tariffs: Tried[] };

export type Tally = { stays: number; a_fen: number; b_fen: number; dearer: number; cheaper: number; same: number };
export type Compared = {
  currency: string;
  zone: string;
  all: Tally;
  by_class: Record<string, Tally>;
  by_hour: Tally[];
};
export type Imported = {
  read: number;
  tariffs: { names: string[]; document: Document; words: Told }[];
  unread: { name: string; problems: Problem[] }[];
};
/** How a lot's price follows occupancy; without `steering` it does not. */
export type OccupancyPrice = {
  steering: { zone: string } | null;
  percent: number | null;
  factor: string;
  steps: { factor: string; effective_us: number; standing: Standing }[];
};

export type DayKind = 'short_holiday' | 'long_holiday' | 'makeup';
export type EventDays = { name: string; dates: string[]; areas?: string[] };
export type CalendarDoc = { years?: number[]; days?: Record<string, DayKind>; events?: EventDays[] };
export type CalendarTold = { version: number; calendar: CalendarDoc; at: number; who: string; note: string };
