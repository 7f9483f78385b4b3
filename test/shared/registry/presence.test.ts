import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Presence, type PresenceEvent, withEvent } from '#shared/registry/presence.ts';
import { aVehicleId } from '../../contract/samples.ts';

const vehicleId = aVehicleId();
const minute = 60_000;
/** When the events are looked at. */
const later = 4_000_000_000_000;

interface Session {
  readonly connectedAt: number;
  readonly connection: number;
  readonly disconnectedAt?: number;
}

/** A session's two events, as the device cloud sends them. */
function eventsOf({ connectedAt, connection, disconnectedAt }: Session): PresenceEvent[] {
  const session = { vehicleId, sessionId: `s-${connectedAt}`, connection, certificateId: 'c' };
  const end = disconnectedAt === undefined ? [] : [{ ...session, kind: 'disconnected' as const, at: disconnectedAt }];
  return [{ ...session, kind: 'connected', at: connectedAt }, ...end];
}

function presenceAfter(events: readonly PresenceEvent[]): Presence | undefined {
  return events.reduce<Presence | undefined>((known, event) => withEvent(known, event, later), undefined);
}

describe('the presence of a vehicle', () => {
  test('given it connects and goes, it is gone since then', () => {
    const [connected, gone] = eventsOf({ connectedAt: 1000, connection: 0, disconnectedAt: 5000 });
    expect(presenceAfter([connected, gone].filter((event) => event !== undefined))).toMatchObject({
      connected: false,
      since: 5000,
    });
  });

  test('given the old session’s end comes after the new session’s begin, it is connected', () => {
    const old = eventsOf({ connectedAt: 1000, connection: 4, disconnectedAt: 9050 });
    const taken = eventsOf({ connectedAt: 9000, connection: 5 });
    expect(presenceAfter([...old.slice(0, 1), ...taken, ...old.slice(1)])).toMatchObject({
      connected: true,
      since: 9000,
    });
  });

  test('given the counter began anew after an hour offline, the late end of the former count changes nothing', () => {
    const former = eventsOf({ connectedAt: 0, connection: 17, disconnectedAt: 5 * minute });
    const anew = eventsOf({ connectedAt: 66 * minute, connection: 0 });
    expect(presenceAfter([...former.slice(0, 1), ...anew, ...former.slice(1)])).toMatchObject({
      connected: true,
      connection: 0,
    });
    expect(presenceAfter([...anew, ...former])).toMatchObject({ connected: true, connection: 0 });
  });

  test('an event that says nothing new changes nothing at all', () => {
    const events = eventsOf({ connectedAt: 1000, connection: 0, disconnectedAt: 5000 });
    const known = presenceAfter(events);
    for (const event of events) expect(withEvent(known, event, later)).toBe(known);
  });

  test('given what is known is from a future that the clock was set back from, the next session counts', () => {
    const day = 24 * 60 * minute;
    const known = presenceAfter(eventsOf({ connectedAt: day, connection: 7, disconnectedAt: day + minute }));
    const [connected] = eventsOf({ connectedAt: minute, connection: 8 });
    if (connected === undefined) throw new Error('A session begins');
    expect(withEvent(known, connected, minute)).toMatchObject({ connected: true, since: minute });
    // It is not so where that future has come: then it is a late notice.
    expect(withEvent(known, connected, day + 2 * minute)).toBe(known);
  });
});

/** Sessions as they can follow one another: a takeover, a short gap, or so long that the counter begins anew. */
const histories = fc
  .array(
    fc.record({
      lasts: fc.integer({ min: 1000, max: 600 * minute }),
      next: fc.oneof(
        fc.record({ kind: fc.constant('takeover' as const), notice: fc.integer({ min: 0, max: 5000 }) }),
        fc.record({ kind: fc.constant('gap' as const), ms: fc.integer({ min: 1, max: 55 * minute }) }),
        fc.record({ kind: fc.constant('recount' as const), ms: fc.integer({ min: 61 * minute, max: 3000 * minute }) }),
      ),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .chain((steps) => fc.boolean().map((open) => sessionsOf(steps, open)));

type Step = { lasts: number; next: { kind: 'takeover'; notice: number } | { kind: 'gap' | 'recount'; ms: number } };

function sessionsOf(steps: readonly Step[], lastIsOpen: boolean): Session[] {
  const sessions: Session[] = [];
  let at = 1_700_000_000_000;
  let connection = 0;
  steps.forEach(({ lasts, next }, index) => {
    const isLast = index === steps.length - 1;
    const end = at + lasts;
    if (isLast && lastIsOpen) sessions.push({ connectedAt: at, connection });
    else
      sessions.push({
        connectedAt: at,
        connection,
        disconnectedAt: next.kind === 'takeover' && !isLast ? end + next.notice : end,
      });
    at = next.kind === 'takeover' ? end : end + next.ms;
    connection = next.kind === 'recount' ? 0 : connection + 1;
  });
  return sessions;
}

test('any order and any repetition of its events ends in the truth', () => {
  const shuffled = histories.chain((sessions) => {
    const events = sessions.flatMap(eventsOf);
    const repeated = fc.array(fc.nat({ max: events.length - 1 }), { maxLength: 6 });
    return repeated.chain((again) => {
      const all = [...events, ...again.flatMap((index) => events[index] ?? [])];
      return fc.shuffledSubarray(all, { minLength: all.length }).map((order) => ({ sessions, order }));
    });
  });
  fc.assert(
    fc.property(shuffled, ({ sessions, order }) => {
      const last = sessions.at(-1);
      const truth =
        last?.disconnectedAt === undefined
          ? { connected: true, since: last?.connectedAt }
          : { connected: false, since: last.disconnectedAt };
      expect(presenceAfter(order)).toMatchObject(truth);
    }),
    { numRuns: 400 },
  );
});
