/** Asking for a price while somebody types: the newest question counts, and what was answered stays until the next. */
import { useEffect, useState } from 'preact/hooks';
import { type Refusal, send } from '../api/http';

const PAUSE_MS = 120;

export type Sent<T> = { value: T | null; error: Refusal | null; waiting: boolean };

/** POST a body whenever it changes, after a short pause; null asks nothing. */
export function useSent<T>(path: string, body: unknown): Sent<T> {
  const text = body === null ? null : JSON.stringify(body);
  const [held, hold] = useState<Sent<T> & { text: string | null }>({
    value: null,
    error: null,
    waiting: false,
    text: null,
  });
  useEffect(() => {
    if (text === null) return;
    let wanted = true;
    const timer = setTimeout(() => {
      send<T>(path, JSON.parse(text)).then(
        (value) => wanted && hold({ value, error: null, waiting: false, text }),
        (error: Refusal) => wanted && hold((before) => ({ ...before, error, waiting: false, text })),
      );
    }, PAUSE_MS);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [path, text]);
  return text === null ? { value: null, error: null, waiting: false } : { ...held, waiting: held.text !== text };
}
