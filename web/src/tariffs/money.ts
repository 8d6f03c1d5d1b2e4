/** Money and classes as people read them. */
import { words } from '../words';
import type { Price } from './told';

const SIGNS: Record<string, string> = {
  CNY: '¥',
  EUR: '€',
  GBP: '£',
  USD: '$',
  JPY: 'JP¥',
  KRW: '₩',
  TWD: 'NT$',
  SGD: 'S$',
  AUD: 'A$',
};
const grouped = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
/** Currencies whose hundredths nobody uses: shown only where an amount has some all the same. */
const WHOLE_ONLY = new Set(['JPY', 'KRW', 'TWD', 'VND', 'IDR', 'CLP', 'ISK', 'HUF']);

export const signOf = (currency: string): string => SIGNS[currency] ?? `${currency} `;
/** 1,234.50, with a true minus; ¥1,600 of a currency without hundredths. */
export const plain = (fen: number, currency = ''): string =>
  (WHOLE_ONLY.has(currency) && fen % 100 === 0 ? whole : grouped).format(fen / 100).replace('-', '−');
/** ¥1,234.50 */
export const money = (fen: number, currency: string): string =>
  `${fen < 0 ? '−' : ''}${signOf(currency)}${plain(Math.abs(fen), currency)}`;

/** The price of a class, or null if there is none for it. */
export function priceOf(price: Price | null | undefined, vehicle: string): number | null {
  if (price === null || price === undefined) return null;
  if (typeof price === 'number') return price;
  return price[vehicle] ?? price['*'] ?? null;
}

/** A price in which one class has another amount; all alike are one number again. */
export function withPrice(price: Price | null | undefined, classes: string[], vehicle: string, fen: number): Price {
  if (classes.length < 2) return fen;
  const each = Object.fromEntries(classes.map((name) => [name, name === vehicle ? fen : (priceOf(price, name) ?? 0)]));
  const amounts = new Set(Object.values(each));
  return amounts.size === 1 ? fen : each;
}

export const className = (name: string): string => words.value.tariffs.classes[name] ?? name;

/** The classes that a price tells apart; one stands for all where it does not. */
export const classesIn = (price: Price | null | undefined, classes: string[]): string[] =>
  price && typeof price === 'object' ? classes : classes.slice(0, 1);
