/** Colours keep their distance: text and marks on every ground they stand on, in both themes. */
import { describe, expect, test } from 'vitest';
import css from '../src/styles/tokens.css?raw';

const block = (start: string): Record<string, string> => {
  const body = css.slice(css.indexOf(start)).split('\n}', 1)[0] ?? '';
  return Object.fromEntries([...body.matchAll(/(--[\w-]+):\s*(#[0-9A-F]{6})/gi)].map(([, name, hex]) => [name, hex]));
};
const themes = { light: block(':root, [data-theme="light"]'), dark: block('\n[data-theme="dark"]') };

function luminance(hex: string): number {
  const part = (i: number): number => {
    const c = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
}
const ratio = (a: string, b: string): number => {
  const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p) as [number, number];
  return (x + 0.05) / (y + 0.05);
};

const STATES = ['free', 'occupied', 'reserved', 'owing', 'verify', 'faulty', 'stale'];

describe.each(Object.entries(themes))('%s', (_, tokens) => {
  const of = (name: string): string => tokens[name] as string;
  test.each(['--ink', '--ink-2', '--ink-3', '--good', '--warn', '--bad'])('%s can be read on panels', (name) => {
    for (const ground of ['--surface', '--sunken', '--ground'])
      expect(ratio(of(name), of(ground))).toBeGreaterThanOrEqual(4.5);
  });
  test.each(STATES)('%s: its word on its badge, its mark on panel and map', (state) => {
    expect(ratio(of(`--bay-${state}-text`), of(`--bay-${state}-soft`))).toBeGreaterThanOrEqual(4.5);
    for (const ground of ['--surface', '--map-street'])
      expect(ratio(of(`--bay-${state}`), of(ground))).toBeGreaterThanOrEqual(3);
  });
});
