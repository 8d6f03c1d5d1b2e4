/** A city that grows while somebody looks at it is read again, once it has stopped to grow. */
import { computed, effect, type ReadonlySignal } from '@preact/signals';

/** Gateways keep what is read of a city for ten seconds: asked sooner, they might say what it was. */
export const SETTLED_MS = 12_000;

/** `told` and `known`: how many bays the live line tells of, and the page has read; null until each is there. */
export function followGrowth(
  told: ReadonlySignal<number | null>,
  known: ReadonlySignal<number | null>,
  read: () => void,
): () => void {
  const differs = computed(() => (known.value !== null && told.value !== known.value ? told.value : null));
  let asked: number | null = null;
  return effect(() => {
    const wanted = differs.value;
    if (wanted === null || wanted === asked) return undefined;
    const timer = setTimeout(() => {
      asked = wanted; // once: bays that no actor carries yet are told of later
      read();
    }, SETTLED_MS);
    return () => clearTimeout(timer);
  });
}
