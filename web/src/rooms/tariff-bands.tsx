/** A day as a band for each kind of day: which period is in force when. */
import { plain, priceOf, signOf } from '../tariffs/money';
import type { Document, Period } from '../tariffs/told';
import { words } from '../words';

export const HOURS = /^([01]\d|2[0-4]):[0-5]\d(:[0-5]\d)?-([01]\d|2[0-4]):[0-5]\d(:[0-5]\d)?$/;
const DAYS = ['d', 'e', 'o'];
/** A day of each kind, and what matches it in a list of days. */
const KINDS: readonly [string, string[]][] = [
  ['working', ['working', 'mon', 'tue', 'wed', 'thu', 'fri']],
  ['rest', ['rest', 'sat', 'sun']],
  ['holiday', ['holiday', 'rest', 'short_holiday', 'long_holiday']],
];

const minuteOf = (clock: string): number => {
  const [h, m] = clock.split(/[:-]/).map(Number) as [number, number];
  return h * 60 + m;
};

type Piece = { from: number; to: number; period: number };

/** Which period is in force when on a day of one kind whose neighbours are alike. */
export function piecesOf(document: Document, days: string[]): Piece[] {
  const owner = new Array<number>(1440).fill(-1);
  const own = (document.periods ?? []).map((one, n) => ({ one, n })).reverse();
  for (const { one, n } of own) {
    if (one.days?.length && !one.days.some((day) => days.includes(day))) continue;
    for (const hours of one.hours ?? ['00:00-24:00']) {
      if (!HOURS.test(hours)) continue;
      const [from, to] = hours.split('-').map(minuteOf) as [number, number];
      const end = to > from ? to : to + 1440;
      for (let minute = from; minute < end; minute += 1) owner[minute % 1440] = n;
    }
  }
  const pieces: Piece[] = [];
  owner.forEach((period, minute) => {
    const last = pieces.at(-1);
    if (last?.period === period) last.to = minute + 1;
    else pieces.push({ from: minute, to: minute + 1, period });
  });
  return pieces;
}

/** ¥1.50/15 分 · ¥5.00 */
function short(period: Period, document: Document): string {
  const sign = signOf(document.currency ?? 'CNY');
  const vehicle = document.classes?.[0] ?? 'small';
  const flat = priceOf(period.flat_fen, vehicle);
  if (flat !== null) return `${sign}${plain(flat)}`;
  const stage = period.stages?.[0];
  const fen = priceOf(stage?.price_fen, vehicle);
  return stage && fen !== null ? `${sign}${plain(fen)}/${minutes(stage.unit_minutes)}` : '';
}

/** 15分 · 15 min */
export const minutes = (n: number): string => `${n}${words.value.tariffs.minutesGap}${words.value.tariffs.minutes}`;

const atNight = (period: Period): boolean =>
  (period.hours ?? []).some((hours) => HOURS.test(hours) && minuteOf(hours) >= minuteOf(hours.split('-')[1] as string));

/** The tint of each period: nights are grey, others have a colour each. */
export function tintsOf(periods: Period[]): string[] {
  let days = 0;
  return periods.map((period) => {
    if (atNight(period)) return 'n';
    days += 1;
    return DAYS[(days - 1) % DAYS.length] as string;
  });
}

export function Bands({ document }: { document: Document }) {
  const w = words.value.tariffs;
  const tints = tintsOf(document.periods ?? []);
  return (
    <div class="bands" aria-hidden="true">
      {KINDS.map(([name, days]) => (
        <div key={name} class="band-row">
          <span>{w.dayNames[name]}</span>
          <div class="day">
            {piecesOf(document, days).map((piece) => {
              const tint = tints[piece.period];
              const period = document.periods?.[piece.period];
              return (
                <div key={piece.from} class={tint ?? 'f'} style={{ flex: piece.to - piece.from }}>
                  <span>{period ? `${nameOfPeriod(period.name)} ${short(period, document)}` : w.freeTime}</span>
                </div>
              );
            })}
          </div>
        </div>
      ))}
      <div class="band-hours">
        {[0, 4, 8, 12, 16, 20, 24].map((hour) => (
          <span key={hour}>{String(hour).padStart(2, '0')}</span>
        ))}
      </div>
    </div>
  );
}

/** Names that presets use are said in the reader's language. */
export const nameOfPeriod = (name: string): string => words.value.tariffs.periodNames[name] ?? name;
