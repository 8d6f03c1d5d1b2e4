/** Instants and what a wall clock in some zone shows, both ways; instants in µs. */

const known = new Map<string, Intl.DateTimeFormat>();

/** Of a zone that this browser does not know, the clock of UTC. */
function parts(zone: string): Intl.DateTimeFormat {
  const held = known.get(zone);
  if (held) return held;
  const made = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zoneKnown(zone) ? zone : 'UTC',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  known.set(zone, made);
  return made;
}

/** `2026-03-06T09:30:00` as the clock of a zone shows it. */
export const wallOf = (us: number, zone: string): string =>
  parts(zone)
    .format(us / 1000)
    .replace(' ', 'T');

/** The instant at which a zone's clock shows this, or null if no day has it; what is left out in spring is the moment after the gap. */
export function instantOf(wall: string, zone: string): number | null {
  const asUtc = Date.parse(`${wall}Z`);
  // A day that a month does not have is read as one of the next month.
  if (Number.isNaN(asUtc) || !wall.startsWith(new Date(asUtc).toISOString().slice(0, 10))) return null;
  let guess = asUtc;
  for (let n = 0; n < 3; n += 1) guess += asUtc - Date.parse(`${wallOf(guess * 1000, zone)}Z`);
  return guess * 1000;
}

/** Whether there is a zone of that name. */
export function zoneKnown(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('sv-SE', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
