/** Theme of the page and its colours as numbers, for what is drawn by hand. */
import { effect, signal } from '@preact/signals';

export type Theme = 'dark' | 'light';
const KEPT = 'yunparking.theme';

const first = (): Theme => {
  const kept = localStorage.getItem(KEPT);
  if (kept === 'dark' || kept === 'light') return kept;
  return matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
};

export const theme = signal<Theme>(first());
/** Grows after the document has taken a new theme, so that drawings can be made anew. */
export const painted = signal(0);

export function keepTheme(): void {
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
    if (matchMedia('(prefers-contrast: more)').matches) document.documentElement.dataset.contrast = 'more';
    localStorage.setItem(KEPT, theme.value);
    painted.value = painted.peek() + 1;
  });
}

/** The value of a token in the current theme. */
export const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** A hex token as red, green, blue from 0 to 1. */
export function rgb(name: string): [number, number, number] {
  const digits = token(name).replace('#', '');
  const hex = digits.length === 3 ? digits.replace(/./g, '$&$&') : digits;
  const at = (i: number): number => Number.parseInt(hex.slice(i, i + 2), 16) / 255;
  return [at(0), at(2), at(4)];
}

export const calm = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;
