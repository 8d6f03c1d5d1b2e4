/** What the page reads over HTTP: read when first needed, and again on request. */
import { useEffect, useRef, useState } from 'preact/hooks';
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

/** Read a path whenever it or `turn` changes; null reads nothing. The last value stays while reading again. A turn that
 * comes while an answer is awaited asks nothing: an answer that hangs holds up one question, not ever more. */
export function useReading<T>(path: string | null, turn = 0): Reading<T> {
  const [held, hold] = useState<{ path: string | null; value: T | null; error: Error | null }>({
    path,
    value: null,
    error: null,
  });
  const [times, again] = useState(0);
  const asked = path && `${times} ${path}`;
  const awaited = useRef<string | null>(null);
  useEffect(() => {
    if (!path || awaited.current === asked) return;
    awaited.current = asked;
    const take = (value: T | null, error: Error | null) => {
      if (awaited.current !== asked) return;
      awaited.current = null;
      hold((before) => ({ path, value: error && before.path === path ? before.value : value, error }));
    };
    get<T>(path).then(
      (value) => take(value, null),
      (error: Error) => take(null, error),
    );
  }, [path, turn, asked]);
  useEffect(
    () => () => {
      awaited.current = null; // what was asked before, or of a page that is gone, is of no use
    },
    [asked],
  );
  const own = held.path === path;
  return { value: own ? held.value : null, error: own ? held.error : null, again: () => again((n) => n + 1) };
}
