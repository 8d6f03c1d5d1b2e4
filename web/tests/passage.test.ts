import { expect, test } from 'vitest';
import { type Passage, passageDelay } from '../src/city/passage';

const told: Passage = {
  id: '1-0-1-0',
  at: 5_003_000,
  verb: 'taken',
  since_us: 1_000_000,
  received_us: 5_000_000,
  first: false,
};

test('the delay of a passage is what the platform added, whatever the clock of the device', () => {
  expect(passageDelay(told)).toBe(3000);
  expect(passageDelay({ ...told, since_us: 9_000_000 })).toBe(3000);
});

test('the first that is heard of a bay has no delay', () => {
  expect(passageDelay({ ...told, first: true })).toBeNull();
});
