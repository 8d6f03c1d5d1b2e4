/** The keyboard of the command centre; nothing here while somebody types. */
import { CITY, goDown, goTo, goUp, openRoom, place, room } from './city/place';
import { line } from './live/city-line';
import { hand, layersOpen } from './map/stage';
import { accountOpen, dockTab, findOpen, helpOpen, panelOpen, standingOpen } from './rooms/shown';

const STEP = 120;

/** Close the topmost open thing; with nothing open, go one level up. */
function back(): void {
  const open = [findOpen, accountOpen, standingOpen, layersOpen].find((one) => one.value);
  if (open) open.value = false;
  else if (room.value !== 'centre') openRoom('centre');
  else if (place.value.level !== 'city') goUp();
  else panelOpen.value = false;
}

function wholeCity(): void {
  goTo(CITY);
  hand.value?.fly(CITY);
}

const ACTS: Record<string, () => void> = {
  '/': () => document.querySelector<HTMLElement>('.find input')?.focus(),
  '?': () => {
    helpOpen.value = true;
  },
  '[': goUp,
  ']': goDown,
  '0': wholeCity,
  '+': () => hand.value?.zoomBy(1),
  '=': () => hand.value?.zoomBy(1),
  '-': () => hand.value?.zoomBy(-1),
  f: () => line.freeze(!line.frozen.value),
  l: () => {
    layersOpen.value = !layersOpen.value;
  },
  ArrowLeft: () => hand.value?.pan(-STEP, 0),
  ArrowRight: () => hand.value?.pan(STEP, 0),
  ArrowUp: () => hand.value?.pan(0, -STEP),
  ArrowDown: () => hand.value?.pan(0, STEP),
};
/** After G. */
const GO: Record<string, () => void> = {
  m: () => openRoom('centre'),
  e: () => openRoom('engine'),
  t: () => openRoom('tariffs'),
  c: () => openRoom('cameras'),
  a: () => {
    openRoom('centre');
    dockTab.value = 'alarms';
  },
};

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
const moving = (key: string, target: EventTarget | null): boolean =>
  key.startsWith('Arrow') &&
  target instanceof HTMLElement &&
  target.closest('[role=tablist],[role=menu],.scroll,.side') !== null;

export function listenToKeys(): void {
  let going = 0;
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
    if (event.key === 'Escape') return back();
    if (typing(event.target) || moving(event.key, event.target)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const act = Date.now() - going < 1500 ? GO[key] : ACTS[key];
    going = key === 'g' ? Date.now() : 0;
    if (!act) return;
    event.preventDefault();
    act();
  });
}
