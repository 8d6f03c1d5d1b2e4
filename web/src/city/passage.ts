/** One arrival or departure as the gateway tells it. */
export type Passage = {
  id: string;
  /** When it became durable, by the clock of the platform. */
  at: number;
  verb: string;
  since_us: number;
  /** When its frame reached us, by the same clock. */
  received_us: number;
  /** Nothing was known of the bay before: when it came about is not known. */
  first: boolean;
};

/** What the platform added, µs, by its own clocks; none for the first that was heard of a bay. */
export function passageDelay({ at, received_us, first }: Passage): number | null {
  return first ? null : Math.max(0, at - received_us);
}
