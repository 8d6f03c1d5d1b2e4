/** Numbers and spans of time as people read them. */
import { second } from './clock';
import { words } from './words';

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

export const count = (n: number): string => grouped.format(n).replace('-', '−');
export const percent = (share: number, digits = 1): string => `${(share * 100).toFixed(digits)}%`;

/** 0.6 秒 · 340 毫秒 · 47 秒: the delay of an event. */
export function delay(us: number | null | undefined): string {
  if (us === null || us === undefined) return '–';
  const w = words.value;
  const sign = us < 0 ? '−' : '';
  const size = Math.abs(us);
  if (size < 100_000) return `${sign}${Math.round(size / 1000)}${w.ms}`;
  return `${sign}${(size / 1e6).toFixed(size < 10e6 ? 1 : 0)}${w.sec}`;
}

/** 1.4 毫秒 · 23 毫秒 · 2.1 秒: how long something took that is mostly quick. */
export const took = (us: number | null): string =>
  us === null ? '–' : us < 10_000 ? `${(us / 1000).toFixed(1)}${words.value.ms}` : delay(us);

/** 812 KB · 1.3 GB */
export function bytes(n: number | null): string {
  if (n === null) return '–';
  const step = Math.min(4, Math.max(1, Math.floor(Math.log2(Math.max(1, Math.abs(n))) / 10)));
  const size = n / 1024 ** step;
  const text = size.toFixed(Math.abs(size) < 10 ? 1 : 0);
  return `${text.replace('-', '−')} ${['B', 'KB', 'MB', 'GB', 'TB'][step]}`;
}

/** 1小时05分 · 10分47秒 · 2天3小时 */
export function span(us: number): string {
  const { d, h, m, s } = words.value.dur;
  const total = Math.max(0, Math.floor(us / 1e6));
  const two = (n: number) => String(n).padStart(2, '0');
  const gap = s.startsWith(' ') ? ' ' : '';
  if (total < 60) return `${total}${s}`;
  if (total < 3600) return `${Math.floor(total / 60)}${m}${gap}${two(total % 60)}${s}`;
  if (total < 86_400) return `${Math.floor(total / 3600)}${h}${gap}${two(Math.floor((total % 3600) / 60))}${m}`;
  return `${Math.floor(total / 86_400)}${d}${gap}${Math.floor((total % 86_400) / 3600)}${h}`;
}

/** 3 秒前 · 2 分钟前 */
export function age(seconds: number | null): string {
  const w = words.value;
  if (seconds === null) return w.noAge;
  if (seconds < 1) return w.justNow;
  if (seconds < 60) return w.secondsAgo(Math.floor(seconds));
  if (seconds < 3600) return w.minutesAgo(Math.floor(seconds / 60));
  if (seconds < 86_400) return w.hoursAgo(Math.floor(seconds / 3600));
  return w.daysAgo(Math.floor(seconds / 86_400));
}

/** Age of a moment; follows the clock. `skew` is gateway minus own, µs. */
export const ageSince = (us: number, skew: number): string => age((second.value * 1000 + skew - us) / 1e6);
