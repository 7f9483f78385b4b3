import fc from 'fast-check';
import { Failure } from '#shared/kernel/failure.ts';
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
import type { Update } from '#shared/ota/updates/update.ts';
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

const failing: fc.Arbitrary<Event> = fc.constant((update, at) =>
  concluded(
    update,
    {
      ...{ kind: 'result', campaignId, safety: 'safe', ecus: [], outcome: 'failed', error: 'network', detail: '' },
      ...{ attempt: update.attempt + 1, sequence: 1, at },
    },
    policy,
    at,
  ),
);
const consenting: fc.Arbitrary<Event> = fc.constant((update, at) =>
  decided(update, [], { decision: decisionOf('accept', at), revision: update.revision, by: { by: 'driver' } }, at),
);
/** Vehicles that fail all the time, and are put in and taken out again in every way there is. */
const churn = fc.oneof(
  { weight: 6, arbitrary: fc.oneof(failing, consenting, fc.constant<Event>(retried)) },
  { weight: 1, arbitrary: anyEvent },
);
const begun = fc.constant<Event>((update, at) => offered(update, [], at));

/** The states that an update goes through; a refusal leaves it as it is. */
export function course(events: readonly Event[], repeats: readonly number[] = []): readonly Update[] {
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

export const events = fc.array(anyEvent, { maxLength: 30 });

/** Of an update that is offered and then lives, as far as the churn lets it. */
export const lifeInTheGroup = fc
  .tuple(begun, fc.array(churn, { maxLength: 60 }))
  .map(([first, said]) => [first, ...said]);
