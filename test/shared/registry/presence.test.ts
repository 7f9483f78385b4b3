import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firstHome, type Home, homeName } from '#shared/registry/home.ts';
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

const elsewhere = (epoch: number): Home => ({ name: homeName('elsewhere'), epoch });

/** Of a home that orders what it says by a text that rises with each event. */
function sequenced(home: Home, count: number, start: number): PresenceEvent[] {
  return Array.from({ length: count }, (_, index) => ({
    ...{ vehicleId, kind: index % 2 === 0 ? ('connected' as const) : ('disconnected' as const), home },
    // Clocks of a service with many machines differ: its sequence counts, not its time.
    at: 1_700_000_000_000 + start + (index % 3) * 1000,
    sequence: (start + index).toString(16).padStart(16, '0'),
  }));
}

test('where a home orders by a sequence, any order and any repetition ends with the last one', () => {
  const told = fc.integer({ min: 1, max: 12 }).chain((count) => {
    const events = sequenced(elsewhere(1), count, 9);
    return fc
      .array(fc.constantFrom(...events), { maxLength: 6 })
      .chain((again) => fc.shuffledSubarray([...events, ...again], { minLength: count + again.length }))
      .map((order) => ({ events, order }));
  });
  fc.assert(
    fc.property(told, ({ events, order }) => {
      const last = events.at(-1);
      expect(presenceAfter(order)).toMatchObject({ connected: last?.kind === 'connected', since: last?.at, epoch: 1 });
    }),
  );
});

test('after moves the last home decides, whatever the former ones say late', () => {
  const story = fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
    // The former home's sequences are the higher ones, and its clock is ahead: neither counts.
    .map(([before, after]) => [sequenced(elsewhere(1), before, 1_000_000), sequenced(elsewhere(2), after, 1)] as const)
    .chain(([before, after]) => {
      const all = [...before, ...after];
      return fc.shuffledSubarray(all, { minLength: all.length }).map((order) => ({ after, order }));
    });
  fc.assert(
    fc.property(story, ({ after, order }) => {
      const last = after.at(-1);
      expect(presenceAfter(order)).toMatchObject({ connected: last?.kind === 'connected', since: last?.at, epoch: 2 });
    }),
  );
});

test('what the first home says of a vehicle that was elsewhere is put in its place by time', () => {
  const [away] = sequenced(elsewhere(1), 1, 9);
  if (away === undefined) throw new Error('It was elsewhere');
  const known = withEvent(undefined, away, later);
  const [back] = eventsOf({ connectedAt: away.at + minute, connection: 0 });
  const [late] = eventsOf({ connectedAt: away.at - minute, connection: 7 });
  if (back === undefined || late === undefined) throw new Error('It came back');
  expect(withEvent(known, late, later)).toBe(known);
  const home = withEvent(known, back, later);
  expect(home).toMatchObject({ connected: true, since: back.at, connection: 0 });
  expect(withEvent(home, away, later)).toBe(home);
  expect(
    withEvent(home, { ...back, home: { name: firstHome, epoch: 2 }, sessionId: 'next', connection: 1 }, later),
  ).toMatchObject({ epoch: 2 });
});
