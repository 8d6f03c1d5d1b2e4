/** What the map and the page around it tell each other; small, so that the page need not wait for the engine. */
import { computed, signal } from '@preact/signals';
import type { Bay } from '../city/catalogue';
import type { MapHand } from './view';

export const hand = signal<MapHand | null>(null);
export const mapFailed = signal(false);
export const hovered = signal<{ bay: Bay; x: number; y: number } | null>(null);
export const mapZoom = signal(13);

export type Layers = { ribbons: boolean; bays: boolean; labels: boolean; wash: boolean };
export const layersOn = signal<Layers>({ ribbons: true, bays: true, labels: true, wash: true });
export const layersOpen = signal(false);

export type Scale = 'zoomCity' | 'zoomDistrict' | 'zoomStreet' | 'zoomKerb';
export const scale = computed<Scale>(() => {
  const zoom = mapZoom.value;
  return zoom < 13 ? 'zoomCity' : zoom < 15 ? 'zoomDistrict' : zoom < 17 ? 'zoomStreet' : 'zoomKerb';
});

/** Below this width the right panel is a drawer, px; the style sheet says the same. */
const DRAWER_BELOW = 960;

/** The least that the panels cover at desk size, px, should they not be laid out yet. */
const DESK = { top: 140, right: 360, bottom: 240, left: 70 };

/** How much of the map lies under the panels, px. */
export function viewPadding(): { top: number; right: number; bottom: number; left: number } {
  const root = document.querySelector('.centre');
  const box = (selector: string): DOMRect | undefined => {
    const found = root?.querySelector(selector)?.getBoundingClientRect();
    return found && found.width > 0 ? found : undefined;
  };
  const map = box('.map');
  if (!map) return { top: 40, right: 40, bottom: 40, left: 40 };
  const side = innerWidth >= DRAWER_BELOW ? box('.side') : undefined;
  const least = side ? DESK : { top: 0, right: 28, bottom: 0, left: 64 };
  const below = Math.min(box('.dock')?.top ?? map.bottom, box('.lvl')?.top ?? map.bottom);
  return {
    top: Math.max(least.top, (box('.kpi')?.bottom ?? map.top) - map.top + 28),
    right: Math.max(least.right, side ? map.right - side.left + 28 : 0),
    bottom: Math.max(least.bottom, map.bottom - below + 20),
    left: Math.max(least.left, (box('.tools')?.right ?? map.left) - map.left + 18),
  };
}
