import type { Instant } from '../../kernel/clock.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

/** `2026-11-22T14:30`, by the clock on the city's walls. */
export function wallTime(timeZone: string, at: Instant): string {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const date = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
    const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, ...date, ...time });
    formats.set(timeZone, format);
  }
  return format.format(at).replace(' ', 'T');
}

/** No zone is farther than this from UTC. */
const farthest = 15 * 3_600_000;
const quarter = 900_000;

/**
 * When the city's clock showed this: once as a rule, twice in the hour that comes again in autumn, never in the one that
 * is left out in spring. Offsets are whole quarters of an hour.
 *
 * @param local `2026-11-22T14:30`
 */
export function instantsOf(timeZone: string, local: string): readonly Instant[] {
  const asUtc = Date.parse(`${local}:00Z`);
  const found: Instant[] = [];
  for (let offset = -farthest; offset <= farthest; offset += quarter) {
    if (wallTime(timeZone, asUtc - offset) === local) found.push(asUtc - offset);
  }
  return found.toSorted((one, other) => one - other);
}
