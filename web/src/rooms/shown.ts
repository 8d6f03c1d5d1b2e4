/** What is open on the page: tabs, drawers, help. */
import { signal } from '@preact/signals';

export type DockTab = 'trend' | 'ticker' | 'alarms' | 'health';
export const dockTab = signal<DockTab>('trend');
export type BayTab = 'now' | 'passages' | 'frames';
export const bayTab = signal<BayTab>('now');
/** The right panel as a drawer, on narrow screens. */
export const panelOpen = signal(false);
export const helpOpen = signal(false);
export const findOpen = signal(false);
export const accountOpen = signal(false);
export const standingOpen = signal(false);
/** A device whose frames are wanted without its bay. */
export const tableTrend = signal(false);
