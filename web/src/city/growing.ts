/** A city that grows while somebody looks at it is read again, once it has stopped to grow. */
import { computed, effect, type ReadonlySignal } from '@preact/signals';

/** Gateways keep what is read of a city for ten seconds: asked sooner, they might say what it was. Not all pages ask at
 *  once.
 */
export const SETTLED_MS = 12_000;
const APART_MS = 4_000;

/** `told` and `known`: how many bays the live line tells of, and the page has read; null until each is there. `read`
 *  answers whether it could.
 */
export function followGrowth(
  told: ReadonlySignal<number | null>,
  known: ReadonlySignal<number | null>,
  read: () => Promise<boolean>,
): () => void {
  const differs = computed(() => (known.value !== null && told.value !== known.value ? told.value : null));
  let asked: number | null = null;
  return effect(() => {
    const wanted = differs.value;
    if (wanted === null || wanted === asked) return undefined;
    let timer: ReturnType<typeof setTimeout>;
    let over = false;
    const later = (): void => {
      timer = setTimeout(
        async () => {
          // Once for each size: bays that no actor carries yet are told of later.
          if (await read()) asked = wanted;
          else if (!over) later();
        },
        SETTLED_MS + Math.random() * APART_MS,
      );
    };
    later();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  });
}
