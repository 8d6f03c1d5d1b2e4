/** `window.__yunparking`: what a browser test may ask of the running page. */
import { catalogue } from './city/catalogue';
import { place } from './city/place';
import { countsOf, tally } from './city/tally';
import { cityBody, ledger, line, standing } from './live/city-line';
import { hand, mapFailed } from './map/stage';

function stateOfBay(id: string): string | null {
  const bay = catalogue.peek()?.bayById.get(id);
  return bay ? (tally.peek()?.stateOf(bay) ?? null) : null;
}

/** Where a bay is on the screen, CSS px of the map's box, or null while there is no map. */
function whereIsBay(id: string): { x: number; y: number } | null {
  const bay = catalogue.peek()?.bayById.get(id);
  const map = hand.peek();
  return bay && map ? map.projected(bay) : null;
}

const hooks = {
  /** The city is read, the first whole picture is here, and the map (if it can be drawn) has come to rest. */
  get ready(): boolean {
    const map = hand.peek();
    return Boolean(tally.peek()?.filled) && (mapFailed.peek() || Boolean(map?.idle() && map.drawn() > 0));
  },
  /** idle · connecting · open · cut */
  get line(): string {
    return line.phase.peek();
  },
  /** live · sync · late · cut · frozen, as the badge shows it */
  get standing(): string {
    return standing.peek().mark;
  },
  get drawn(): number {
    return hand.peek()?.drawn() ?? 0;
  },
  get zoom(): number {
    return hand.peek()?.zoom() ?? 0;
  },
  get place(): { level: string; id: string } {
    return place.peek();
  },
  get counts(): Record<string, number | undefined> {
    return countsOf(tally.peek()?.city);
  },
  get city(): unknown {
    return cityBody.peek();
  },
  get gaps(): number {
    return ledger.gaps;
  },
  get applied(): number {
    return ledger.applied;
  },
  /** topic → [epoch, seq] */
  get seqs(): Record<string, [string, number]> {
    return Object.fromEntries([...ledger.topics].map(([name, topic]) => [name, [topic.epoch, topic.seq]]));
  },
  bay: stateOfBay,
  where: whereIsBay,
};

export type Hooks = typeof hooks;
declare global {
  interface Window {
    __yunparking: Hooks;
  }
}

export function hangHooks(): void {
  window.__yunparking = hooks;
}
