/** A city that grows under an open page is read again: once it has stopped, and not for ever. */
import { signal } from '@preact/signals';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { followGrowth, SETTLED_MS } from '../src/city/growing';

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function opened(told: number | null, known: number | null) {
  const page = { told: signal(told), known: signal(known), read: vi.fn(async () => true) };
  const end = followGrowth(page.told, page.known, page.read);
  return { ...page, end };
}

test('what is known is not read again', async () => {
  const { told, known, read } = opened(null, null);
  known.value = 4;
  told.value = 4;
  await vi.advanceTimersByTimeAsync(10 * SETTLED_MS);
  expect(read).not.toHaveBeenCalled();
});

test('a city that grows is read when it has stopped to grow', async () => {
  const { told, read } = opened(4, 4);
  for (const bays of [5, 6, 7]) {
    told.value = bays;
    await vi.advanceTimersByTimeAsync(SETTLED_MS - 1);
    expect(read).not.toHaveBeenCalled();
  }
  await vi.advanceTimersByTimeAsync(1);
  expect(read).toHaveBeenCalledTimes(1);
});

test('it is read once for each size, and no more after the end', async () => {
  const { told, read, end } = opened(5, 4);
  await vi.advanceTimersByTimeAsync(10 * SETTLED_MS);
  expect(read).toHaveBeenCalledTimes(1);
  told.value = 6;
  await vi.advanceTimersByTimeAsync(SETTLED_MS);
  expect(read).toHaveBeenCalledTimes(2);
  told.value = 7;
  end();
  await vi.advanceTimersByTimeAsync(SETTLED_MS);
  expect(read).toHaveBeenCalledTimes(2);
});

test('what could not be read is read again', async () => {
  const { read } = opened(5, 4);
  read.mockResolvedValueOnce(false);
  await vi.advanceTimersByTimeAsync(SETTLED_MS);
  expect(read).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(10 * SETTLED_MS);
  expect(read).toHaveBeenCalledTimes(2);
});
