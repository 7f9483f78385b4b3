import { expect, test } from 'vitest';
import type { Rule } from '../../../support/bookings/finding.ts';
import { type CarSeen, type History, historyLines, parseHistory } from '../../../support/bookings/history.ts';
import { judge } from '../../../support/bookings/judge.ts';
import { written, wrote } from '../../../support/bookings/written-history.ts';

/** ms since the epoch; clients' clocks stand at it unless they say otherwise. */
const now = 1_790_000_000_000;
const soon = now + 900_000;
const clock = { invoked: now, returned: now };
const later = { invoked: soon + 40_000, returned: soon + 40_000 };

const hold = (reservation: string, person: string, rest: object = {}) => {
  return { operation: 'hold', reservation, person, key: `key of ${reservation}`, clock, ...rest } as const;
};
const cancel = (reservation: string, rest: object = {}) => ({ operation: 'cancel', reservation, ...rest }) as const;
const held = (version: number, fence: number, reservation: string, rest: object = {}) =>
  wrote(version, fence, reservation, { expiresAt: soon, ...rest });
const look = (what: ReturnType<typeof wrote>) => {
  return { operation: 'read', seen: what.seen.map(({ wrote: _, ...seen }) => seen) } as const;
};
const lost = { outcome: 'unknown', seen: [] } as const;
const empty = look(wrote(1, 0, null));

const bare = { of: 'car', car: 'car-1', expiresAt: soon } as const;
/** What somebody is told who sees no item. */
const blind = (reservation: string) => ({ seen: [{ ...bare, reservation }] });

const ann = hold('r-1', 'ann', held(2, 1, 'r-1', { person: 'ann' }));
const annCancels = cancel('r-1', wrote(3, 1, null));
const bob = hold('r-2', 'bob', held(4, 2, 'r-2', { person: 'bob' }));

function rules(history: History): Rule[] {
  return [...new Set(judge(history).map(({ rule }) => rule))];
}

test.each<[string, History]>([
  ['one after the other', written([empty, ann, annCancels, bob])],
  [
    'an answer that was lost, of what happened',
    written([empty, { ...ann, ...lost, reservation: undefined }, look(held(2, 1, 'r-1')), annCancels, bob]),
  ],
  [
    'an answer that was lost, of what never happened',
    written([empty, hold('r-0', 'cid', { outcome: 'unknown', reservation: undefined }), ann, annCancels, bob]),
  ],
  [
    'a cancellation whose answer was lost',
    written([empty, ann, { ...annCancels, ...lost }, look(wrote(3, 1, null)), bob]),
  ],
  [
    'an expired hold that somebody claims',
    written([empty, ann, hold('r-2', 'bob', { ...held(3, 2, 'r-2', { expiresAt: soon * 2 }), clock: later })]),
  ],
  [
    'the same request twice',
    written([empty, ann, { ...ann, seen: [] }, annCancels, { ...ann, seen: [] }, { ...bob, invokedAt: 90 }]),
  ],
  [
    'a sweeper that names nobody',
    written([empty, ann, { operation: 'expire', clock: later, ...wrote(3, 1, null) }, bob]),
  ],
  [
    'an order to end whose answer was lost',
    written([hold('r-1', 'ann', blind('r-1')), { operation: 'force-end', ...lost }, hold('r-2', 'bob', blind('r-2'))]),
  ],
  [
    'an order to end whoever has it that was on its way before they asked for it',
    written([
      { operation: 'force-end', reservation: 'r-1', invokedAt: 0, returnedAt: 40 },
      { operation: 'read', seen: [{ of: 'car', car: 'car-1', reservation: null }] },
      hold('r-1', 'ann', { ...blind('r-1'), invokedAt: 20 }),
      hold('r-2', 'bob', { ...blind('r-2'), invokedAt: 50 }),
    ]),
  ],
  [
    'two unanswered holds of one person, of which the later one is seen first',
    written([
      hold('r-1', 'ann', { ...lost, key: 'one', reservation: undefined }),
      { operation: 'force-end', reservation: 'r-1' },
      hold('r-2', 'ann', { ...lost, key: 'two', reservation: undefined }),
      look(held(4, 2, 'r-2', { person: 'ann' })),
      { operation: 'read', seen: [...stale(2, 1, 'r-1'), ...stale(3, 1, null), ...stale(4, 2, 'r-2')] },
    ]),
  ],
  [
    'two unanswered holds, whose of them it was told elsewhere',
    written([
      hold('r-1', 'ann', { ...lost, reservation: undefined }),
      { operation: 'force-end', reservation: 'r-1' },
      hold('r-2', 'bob', { ...lost, reservation: undefined }),
      look(wrote(4, 2, 'r-2')),
      cancel('r-2', { person: 'bob' }),
      {
        operation: 'read',
        seen: [...stale(2, 1, 'r-1'), ...stale(3, 1, null), ...stale(4, 2, 'r-2'), ...stale(5, 2, null)],
      },
    ]),
  ],
  ['a refusal while somebody has it', written([empty, ann, hold('r-x', 'bob', busy(15))])],
  [
    'two at a time, of whom one is refused',
    written([empty, { ...ann, invokedAt: 10, returnedAt: 30 }, hold('r-x', 'bob', { ...busy(11), returnedAt: 29 })]),
  ],
  [
    'a trip with its bill',
    written(
      [
        ...[empty, ann, { operation: 'key', reservation: 'r-1', ...held(3, 1, 'r-1', { keyUntil: soon }) } as const],
        { operation: 'start', reservation: 'r-1', clock, ...driving(4, 'on_trip', ['reservation_stop', 'trip_start']) },
        { operation: 'pause', reservation: 'r-1', ...driving(5, 'stopped', ['trip_stop']) },
        { operation: 'end', reservation: 'r-1', ...wrote(6, 1, null, { admits: 2, moves: ['trip_end'] }) },
        hold('r-2', 'bob', held(7, 2, 'r-2', { admits: 2 })),
      ],
      [
        { reservation: 'r-1', what: 'billed', amount: 700, id: 'bill' },
        { reservation: 'r-1', what: 'authorized', amount: 5_000, id: 'authorization' },
        { reservation: 'r-1', what: 'captured', amount: 600, id: 'capture' },
        { reservation: 'r-1', what: 'owed', amount: 100, id: 'debt' },
      ],
    ),
  ],
  [
    'a quiet car that is held where it stands',
    written([
      {
        operation: 'read',
        seen: [{ of: 'car', car: 'car-1', version: 1, fence: 0, reservation: null, state: 'available' }],
      },
      { operation: 'contact', ...wrote(2, 0, null, { ...away(['available']), moves: ['comms_lost'] }) },
      hold('r-1', 'ann', held(3, 1, 'r-1', { ...away(['reserved']), moves: [] })),
      { operation: 'contact', ...held(4, 1, 'r-1', { moves: ['comms_restored', 'reservation_start'] }) },
    ]),
  ],
])('is innocent: %s', (_, history) => {
  expect(judge(history)).toEqual([]);
});

test.each<[Rule, string, History]>([
  [
    'two-holders',
    'two who were both confirmed',
    written([hold('r-1', 'ann', blind('r-1')), hold('r-2', 'bob', blind('r-2'))]),
  ],
  [
    'two-holders',
    'two at a time, neither of whom gave it back',
    written([hold('r-1', 'ann', { ...blind('r-1'), returnedAt: 30 }), hold('r-2', 'bob', blind('r-2'))]),
  ],
  [
    'two-holders',
    'a hold that only a sweeper may have ended, before its time',
    written([
      hold('r-1', 'ann', blind('r-1')),
      { operation: 'expire', clock, ...lost },
      hold('r-2', 'bob', blind('r-2')),
    ]),
  ],
  [
    'two-holders',
    'two that were ended by one order',
    written([
      ...[hold('r-1', 'ann', blind('r-1')), { operation: 'force-end', ...lost } as const],
      ...[hold('r-2', 'bob', blind('r-2')), hold('r-3', 'cid', blind('r-3'))],
    ]),
  ],
  [
    'two-holders',
    'two that were ended by one order, which names one',
    written([
      ...[hold('r-1', 'ann', blind('r-1')), { operation: 'force-end', reservation: 'r-1' } as const],
      ...[hold('r-2', 'bob', blind('r-2')), hold('r-3', 'cid', blind('r-3'))],
    ]),
  ],
  [
    'two-holders',
    'two of whom the first was ended by an order that was answered before anybody asked for a car',
    written([
      { operation: 'force-end', reservation: 'r-1' },
      ...[hold('r-1', 'ann', blind('r-1')), hold('r-2', 'bob', blind('r-2'))],
    ]),
  ],
  [
    'two-holders',
    'two of whom the second has it before the order to end that names the first was asked for',
    written([
      ...[hold('r-1', 'ann', blind('r-1')), hold('r-2', 'bob', blind('r-2'))],
      { operation: 'force-end', reservation: 'r-1' },
    ]),
  ],
  [
    'two-holders',
    'a third beside the second, where the order to end was on its way from the first',
    written([
      { operation: 'force-end', reservation: 'r-2', invokedAt: 0, returnedAt: 40 },
      { ...hold('r-1', 'ann', blind('r-1')), invokedAt: 5, returnedAt: 9 },
      cancel('r-1', { invokedAt: 10, returnedAt: 14 }),
      { ...hold('r-2', 'bob', blind('r-2')), invokedAt: 20, returnedAt: 24 },
      { ...hold('r-3', 'cid', blind('r-3')), invokedAt: 30 },
      { ...hold('r-4', 'dan', blind('r-4')), invokedAt: 50 },
    ]),
  ],
  ['two-holders', 'a release of a car that nobody had', written([empty, { operation: 'expire', clock: later }])],
  [
    'two-holders',
    'a car that is seen empty while somebody has it',
    written([empty, ann, { ...empty, operation: 'read' }]),
  ],
  ['two-holders', 'a refusal though nobody had it', written([empty, hold('r-x', 'bob', busy(15))])],
  [
    'two-uses',
    'one person on two cars',
    written([ann, hold('r-2', 'ann', { car: 'car-2', seen: [{ ...bare, car: 'car-2', reservation: 'r-2' }] })]),
  ],
  [
    'hold-lost',
    'a confirmed hold that nobody ever sees',
    written([empty, hold('r-1', 'ann'), { ...empty, operation: 'read' }]),
  ],
  [
    'hold-twice',
    'one hold on two cars',
    written([ann, { operation: 'read', seen: [{ of: 'car', car: 'car-2', reservation: 'r-1' }] }]),
  ],
  [
    'hold-of-nobody',
    'an assignment that nobody asked for',
    written([empty, { operation: 'read', ...held(2, 1, 'r-9') }]),
  ],
  ['version-gap', 'a person of whom a version is left out', ofAnn([1, null], [3, 'r-1'])],
  ['version-twice', 'a person with two cars in one version', ofAnn([1, null], [2, 'r-1'], [2, null])],
  ['hold-lost', 'a hold that its person never had', ofAnn([1, null], [2, null])],
  ['hold-of-nobody', 'a person with a car that another asked for', ofAnn([1, 'r-2'], [2, 'r-1'])],
  ['version-twice', 'one version, two holders', written([empty, ann, hold('r-2', 'bob', held(2, 1, 'r-2'))])],
  [
    'version-twice',
    'one version, two writers',
    written([empty, ann, { operation: 'extend', reservation: 'r-1', ...held(2, 1, 'r-1') }]),
  ],
  ['version-gap', 'a version that is left out', written([empty, hold('r-1', 'ann', held(3, 1, 'r-1'))])],
  [
    'version-back',
    'an old version after a newer one',
    written([empty, ann, annCancels, { operation: 'read', ...held(2, 1, 'r-1') }]),
  ],
  [
    'fence',
    'another holder with the fence of the last',
    written([empty, ann, annCancels, hold('r-2', 'bob', held(4, 1, 'r-2'))]),
  ],
  [
    'fence',
    'an extension that locks its own phone out',
    written([empty, ann, { operation: 'extend', reservation: 'r-1', ...held(3, 2, 'r-1') }]),
  ],
  [
    'transition',
    'a trip that ends in its middle',
    written([
      empty,
      ann,
      { operation: 'start', reservation: 'r-1', clock, ...driving(3, 'on_trip') },
      { operation: 'end', reservation: 'r-1', ...wrote(4, 1, null, { moves: ['trip_end'] }) },
    ]),
  ],
  [
    'transition',
    'a state that nothing leads to',
    written([empty, ann, { operation: 'service', ...held(3, 1, 'r-1', { state: 'removed' }) }]),
  ],
  ['transition', 'a state that is not told of', written([empty, hold('r-1', 'ann', held(2, 1, 'r-1', { moves: [] }))])],
  [
    'key-reused',
    'one request, two reservations',
    written([empty, ann, annCancels, { ...bob, person: 'ann', key: 'key of r-1' }]),
  ],
  ['key-of-another', 'one key, two requests', written([empty, ann, { ...ann, seen: [], asked: { package: 'day' } }])],
  [
    'claimed-too-soon',
    'a claim within the guard',
    written([
      empty,
      ann,
      hold('r-2', 'bob', { ...held(3, 2, 'r-2'), clock: { invoked: soon, returned: soon + 20_000 } }),
    ]),
  ],
  [
    'claimed-too-soon',
    'a claim in the middle of a use',
    written([
      empty,
      ann,
      { operation: 'start', reservation: 'r-1', clock, ...held(3, 1, 'r-1', { startedAt: now }) },
      hold('r-2', 'bob', { ...held(4, 2, 'r-2'), clock: later }),
    ]),
  ],
  [
    'released-too-soon',
    'a hold that a sweeper ends before its time',
    written([empty, ann, { operation: 'expire', reservation: 'r-1', clock, ...wrote(3, 1, null) }]),
  ],
  [
    'released-too-soon',
    'a hold that ends by itself',
    written([empty, ann, { operation: 'read', ...wrote(3, 1, null) }]),
  ],
  [
    'key-still-good',
    'a car that still opens for the one before',
    written([
      empty,
      ann,
      { operation: 'key', reservation: 'r-1', ...held(3, 1, 'r-1', { keyUntil: soon, admits: 1 }) },
      cancel('r-1', wrote(4, 1, null, { admits: 1 })),
      hold('r-2', 'bob', held(5, 2, 'r-2', { admits: 1 })),
    ]),
  ],
  [
    'started-too-late',
    'a start after the expiry',
    written([
      empty,
      ann,
      { operation: 'start', reservation: 'r-1', clock: later, ...held(3, 1, 'r-1', { state: 'on_trip' }) },
    ]),
  ],
  ['charge-lost', 'a trip without a bill', trip([])],
  ['charge-lost', 'a bill that nobody paid', trip([['billed', 700]])],
  [
    'charge-doubled',
    'a bill that was captured twice',
    trip([
      ['billed', 700],
      ['captured', 700],
      ['captured', 700],
    ]),
  ],
  [
    'charge-doubled',
    'a bill that is paid and owed',
    trip([
      ['billed', 700],
      ['captured', 700],
      ['owed', 100],
    ]),
  ],
  [
    'charge-doubled',
    'two bills',
    trip([
      ['billed', 700],
      ['billed', 700],
      ['captured', 1_400],
    ]),
  ],
  [
    'charge-unfounded',
    'a bill for a car that nobody began to use',
    written([empty, ann], [{ reservation: 'r-1', what: 'billed', amount: 700, id: 'bill' }]),
  ],
  [
    'charge-unfounded',
    'a bill of nobody',
    written([empty], [{ reservation: 'r-1', what: 'billed', amount: 700, id: 'bill' }]),
  ],
])('is guilty of %s: %s', (rule, _, history) => {
  expect(rules(history)).toContain(rule);
});

test('reads what it writes, line by line', () => {
  const history = trip([['billed', 700]]);
  expect(parseHistory(historyLines(history))).toEqual(history);
});

/** As the stream tells it in the end. */
function stale(version: number, fence: number, reservation: string | null, rest: Partial<CarSeen> = {}) {
  const { seen } = wrote(version, fence, reservation, rest);
  return seen.map(({ wrote: _, ...one }) => ({ ...one, stale: true }) as const);
}

/** She holds r-1, and this is seen of her own item. */
function ofAnn(...versions: readonly [number, string | null][]): History {
  const seen = versions.map(([version, reservation]) => {
    return { of: 'person', person: 'ann', operator: 'we-share', version, reservation, stale: true } as const;
  });
  return written([empty, ann, { operation: 'read', seen }]);
}

function busy(invokedAt: number) {
  return { reservation: undefined, outcome: 'refused', reason: 'vehicle-reserved', invokedAt };
}

/** Underway with r-1. */
function driving(version: number, state: string, moves?: readonly string[]) {
  return held(version, 1, 'r-1', { state, startedAt: now, ...(moves && { moves }) });
}

function away(former: readonly string[]) {
  return { state: 'non_contactable', former };
}

function trip(entries: readonly ['billed' | 'captured' | 'owed', number][]): History {
  const end = { operation: 'end', reservation: 'r-1', ...wrote(4, 1, null) } as const;
  const start = { operation: 'start', reservation: 'r-1', clock, ...driving(3, 'stopped') } as const;
  return written(
    [empty, ann, start, end],
    entries.map(([what, amount], place) => ({ reservation: 'r-1', what, amount, id: `${place}` })),
  );
}
