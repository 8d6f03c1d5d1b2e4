/** Time as the screen tells it: ages and clocks move once a second, in the city's own zone. */
import { signal } from '@preact/signals';

/** Own clock in ms, once a second. */
export const second = signal(Date.now());
setInterval(() => {
  second.value = Date.now();
}, 1000);

/** IANA zone of the city; the reader's own until the city is known. */
export const zone = signal(Intl.DateTimeFormat().resolvedOptions().timeZone);

const formats = new Map<string, Intl.DateTimeFormat>();

function format(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale}|${zone.value}|${JSON.stringify(options)}`;
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(locale, { timeZone: zone.value, hourCycle: 'h23', ...options });
  formats.set(key, made);
  return made;
}

const TIME = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;
const MINUTE = { hour: '2-digit', minute: '2-digit' } as const;

/** 10:42:18 */
export const timeOf = (us: number): string => format('en-GB', TIME).format(us / 1000);
/** 10:42 */
export const minuteOf = (us: number): string => format('en-GB', MINUTE).format(us / 1000);
/** 2026-11-20 08:52:10 */
export const stampOf = (us: number): string =>
  `${format('sv-SE', { year: 'numeric', month: '2-digit', day: '2-digit' }).format(us / 1000)} ${timeOf(us)}`;

/** 11月20日 周五 · Fri 20 Nov */
export function dayOf(us: number, locale: 'zh' | 'en'): string {
  if (locale === 'en') {
    return format('en-GB', { weekday: 'short', day: 'numeric', month: 'short' })
      .format(us / 1000)
      .replace(',', '');
  }
  const day = format('zh-CN', { month: 'long', day: 'numeric' }).format(us / 1000);
  return `${day} ${format('zh-CN', { weekday: 'short' }).format(us / 1000)}`;
}

/** Microseconds of the last midnight in the city. */
export function midnight(us: number): number {
  const [h, m, s] = timeOf(us).split(':').map(Number) as [number, number, number];
  return us - (us % 1_000_000) - (h * 3600 + m * 60 + s) * 1_000_000;
}
