/** What the page reads over HTTP: read when first needed, and again on request. */
import { useEffect, useState } from 'preact/hooks';
import { get } from '../api/http';

/** A number that grows every so many ms: a reading that is given it is read anew each time. */
export function useTurns(everyMs: number): number {
  const [turn, next] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => next((n) => n + 1), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return turn;
}

export type Reading<T> = { value: T | null; error: Error | null; again: () => void };

/** Read a path whenever it or `turn` changes; null reads nothing. The last value stays while reading again. */
export function useReading<T>(path: string | null, turn = 0): Reading<T> {
  const [held, hold] = useState<{ path: string | null; value: T | null; error: Error | null }>({
    path,
    value: null,
    error: null,
  });
  const [times, again] = useState(0);
  useEffect(() => {
    let wanted = true;
    if (!path) return;
    get<T>(path).then(
      (value) => wanted && hold({ path, value, error: null }),
      (error: Error) =>
        wanted && hold((before) => ({ path, value: before.path === path ? before.value : null, error })),
    );
    return () => {
      wanted = false;
    };
  }, [path, turn, times]);
  const own = held.path === path;
  return { value: own ? held.value : null, error: own ? held.error : null, again: () => again((n) => n + 1) };
}
