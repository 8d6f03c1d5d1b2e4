/** How the page stands to the city: what the badge and the bar say, from what the line knows. Pure. */
import type { LinePhase } from './line';

/** Seconds are whole; `parts` do not answer, what others stand on first. */
export type Standing =
  | { mark: 'live' | 'sync'; seconds: number }
  | { mark: 'late'; seconds: number }
  | { mark: 'away'; parts: string[] }
  | { mark: 'cut'; seconds: number; attempt: number }
  | { mark: 'frozen'; at: number };

/** What the line knows at this moment, in its own words. */
export type Known = {
  now: number;
  phase: LinePhase;
  frozenAt: number | null;
  attempts: number;
  nextTry: number;
  heardAt: number;
  lag: number;
  settled: boolean;
  away: string[];
};

const LATE_MS = 5000;

export function standingOf(known: Known): Standing {
  const { now, phase } = known;
  if (known.frozenAt !== null) return { mark: 'frozen', at: known.frozenAt };
  if (phase === 'cut' || (phase === 'connecting' && known.attempts > 0)) {
    const left = Math.max(0, Math.ceil((known.nextTry - now) / 1000));
    return { mark: 'cut', seconds: left, attempt: known.attempts };
  }
  const silence = known.heardAt ? now - known.heardAt : 0;
  // Who is away is known from the gateway: of one that is silent itself nothing is known.
  if (known.away.length > 0 && silence <= LATE_MS) return { mark: 'away', parts: known.away };
  const behind = Math.max(known.lag, silence);
  if (phase === 'open' && behind > LATE_MS) return { mark: 'late', seconds: Math.round(behind / 1000) };
  if (!known.settled) return { mark: 'sync', seconds: 0 };
  return { mark: 'live', seconds: Math.max(0.1, behind / 1000) };
}

/** Whether the numbers of the map are of this moment; a projector makes lists and reports only. */
export const isCurrent = (standing: Standing): boolean =>
  standing.mark === 'live' || (standing.mark === 'away' && standing.parts.every((part) => part === 'projector'));
