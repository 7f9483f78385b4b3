import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '#shared/kernel/failure.ts';
import { statisticsOf, summed, type Tally, tallyOf } from '#shared/ota/campaigns/statistics.ts';
import {
  cancelled,
  concluded,
  offered,
  ownerChanged,
  progressed,
  retried,
  timedOut,
} from '#shared/ota/updates/course.ts';
import { decided } from '#shared/ota/updates/decision.ts';
import { isFinal, type Update } from '#shared/ota/updates/update.ts';
import type { Decision } from '#shared/vehicle-cloud/update-envelopes.ts';
import { aCampaignId, anUpdate, now } from './updates.ts';

const campaignId = aCampaignId();
const policy = {
  retries: { network: { times: 1, afterMinutes: 1 }, 'timed-out': { times: 1, afterMinutes: 1 } },
  installMinutes: 5,
};

/** Anything that anybody may say or do, at any time, of any attempt. */
type Event = (update: Update, at: number) => Update;

const attempt = fc.integer({ min: 0, max: 3 });
const sequence = fc.integer({ min: 0, max: 6 });

function decisionOf(kind: Decision['kind'], at: number): Decision {
  return kind === 'accept' ? { kind, from: at, to: at + 600_000 } : { kind };
}

const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  fc.constant<Event>((update, at) => offered(update, [], at)),
  fc
    .record({
      revision: fc.integer({ min: 0, max: 6 }),
      kind: fc.constantFrom('accept' as const, 'decline' as const, 'mute' as const),
    })
    .map(
      ({ revision, kind }): Event =>
        (update, at) =>
          decided(update, [], { decision: decisionOf(kind, at), revision, by: { by: 'driver' } }, at),
    ),
  fc.record({ attempt, sequence, phase: fc.constantFrom('downloading', 'waiting', 'installing', 'checking') }).map(
    (said): Event =>
      (update, at) =>
        progressed(update, { kind: 'progress', campaignId, percent: 5, at, ...said } as const, at),
  ),
  fc.record({ attempt, sequence, error: fc.constantFrom('network', 'health') }).map(
    (said): Event =>
      (update, at) =>
        concluded(
          update,
          { kind: 'result', campaignId, safety: 'safe', ecus: [], detail: '', outcome: 'failed', at, ...said } as const,
          policy,
          at,
        ),
  ),
  fc.record({ attempt, sequence }).map(
    (said): Event =>
      (update, at) =>
        concluded(
          update,
          {
            kind: 'result',
            campaignId,
            safety: 'safe',
            ecus: [],
            outcome: 'installed',
            softwareVersion: '5',
            at,
            ...said,
          },
          policy,
          at,
        ),
  ),
  fc.constant<Event>(retried),
  fc.constant<Event>((update, at) => timedOut(update, policy, at)),
  fc.integer({ min: 0, max: 100 }).map(
    (since): Event =>
      (update, at) =>
        ownerChanged(update, now + since * 60_000, at),
  ),
  fc.constant<Event>((update, at) => cancelled(update, 'manager', at)),
);

/** The states that an update goes through; a refusal leaves it as it is. */
function course(events: readonly Event[], repeats: readonly number[] = []): readonly Update[] {
  const states = [anUpdate()];
  events.forEach((event, place) => {
    for (let times = 0; times <= (repeats[place] ?? 0); times++) {
      const before = states.at(-1) ?? anUpdate();
      const after = quietly(() => event(before, now + place * 60_000), before);
      if (after !== before) states.push(after);
    }
  });
  return states;
}

function quietly(change: () => Update, before: Update): Update {
  try {
    return change();
  } catch (error) {
    if (error instanceof Failure) return before;
    throw error;
  }
}

const events = fc.array(anyEvent, { maxLength: 30 });

test('scenario 11: no duplicate, late or reordered word reverses a final state', () => {
  fc.assert(
    fc.property(events, (said) => {
      const states = course(said);
      const end = states.findIndex(isFinal);
      if (end >= 0) expect(states.slice(end)).toHaveLength(1);
    }),
    { numRuns: 500 },
  );
});

test('scenario 11: what is said twice is heard once', () => {
  fc.assert(
    fc.property(events, fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 30 }), (said, repeats) => {
      expect(course(said, repeats)).toEqual(course(said));
    }),
    { numRuns: 500 },
  );
});

test('every change raises the version by one, and every change of the offer its revision', () => {
  fc.assert(
    fc.property(events, (said) => {
      const states = course(said);
      states.forEach((state, place) => {
        const before = states[place - 1];
        if (before === undefined) return;
        expect(state.version).toBe(before.version + 1);
        expect(state.revision - before.revision).toBeGreaterThanOrEqual(0);
        if (state.state.status !== before.state.status && state.state.status !== 'working') {
          expect(state.revision, `${before.state.status} → ${state.state.status}`).toBe(
            before.revision + (state.state.status === 'waiting' ? 0 : 1),
          );
        }
      });
    }),
    { numRuns: 300 },
  );
});

test('nothing is released to a vehicle without a consent that stands', () => {
  fc.assert(
    fc.property(events, (said) => {
      for (const { state } of course(said)) {
        if (state.status === 'accepted') expect(state.consent.voided).toBeUndefined();
      }
    }),
    { numRuns: 300 },
  );
});

test('scenario 20: statistics add up whatever happens: each vehicle counts once by status, country and model', () => {
  fc.assert(
    fc.property(fc.array(events, { minLength: 1, maxLength: 5 }), (vehicles) => {
      const courses = vehicles.map((said) => course(said));
      const tallies: Tally[] = courses.flatMap((states) =>
        states.map((state, place) => tallyOf(states[place - 1], state)),
      );
      const { total, byMarket, byModel, byError } = statisticsOf(summed(tallies));
      const sum = (counts: object) => Object.values(counts).reduce((all: number, one: number) => all + one, 0);
      expect(sum(total)).toBe(vehicles.length);
      expect(sum(byMarket['FR'] ?? {})).toBe(vehicles.length);
      expect(sum(byModel['ID.3'] ?? {})).toBe(vehicles.length);
      expect(sum(byError)).toBe((total.failed ?? 0) + (total.retrying ?? 0));
    }),
    { numRuns: 200 },
  );
});
