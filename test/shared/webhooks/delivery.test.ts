import fc from 'fast-check';
import { expect, test } from 'vitest';
import { afterCall, dead, mostAttempts, newDelivery, patience, replayed } from '#shared/webhooks/delivery.ts';
import { bodyOf } from '#shared/webhooks/event-catalogue.ts';
import { afterFailure, type Health, healthy, longestRest } from '#shared/webhooks/health.ts';
import { type Verdict, verdictOf } from '#shared/webhooks/verdict.ts';
import { deliveryIdOf, webhookIdOf } from '#shared/webhooks/webhook-id.ts';

const begun = 1_790_000_000_000;
const event = { eventId: 'e-1', type: 'vehicle.retired', at: begun, data: {} } as const;
const fresh = newDelivery(deliveryIdOf(begun, new Uint8Array(13)), webhookIdOf('b'.repeat(20)), event, begun);
const failed: Verdict = { kind: 'failed', reason: 'receiver-timeout' };
const draw = fc.double({ min: 0, max: 1, noNaN: true });

test('a receiver that never answers is called eight times in at most 28 hours, ever more seldom', () => {
  fc.assert(
    fc.property(fc.array(draw, { minLength: 20, maxLength: 20 }), (draws) => {
      let delivery = fresh;
      const pauses: number[] = [];
      let now = begun;
      for (const each of draws) {
        const next = afterCall(delivery, failed, now, each);
        if (next.state.status !== 'waiting') {
          expect(next).toMatchObject({ attempts: mostAttempts, state: { status: 'dead', reason: 'attempts-used-up' } });
          expect(now - begun).toBeLessThanOrEqual(patience);
          expect(pauses).toEqual([...pauses].sort((one, other) => one - other));
          return;
        }
        pauses.push(next.state.nextAt - now);
        now = next.state.nextAt;
        delivery = next;
      }
      throw new Error('It is tried for ever');
    }),
  );
});

test('whatever happens in whichever order, what has ended stays as it ended until somebody replays it', () => {
  const verdict: fc.Arbitrary<Verdict> = fc.oneof(
    fc.constant<Verdict>({ kind: 'delivered', status: 204 }),
    fc.constant<Verdict>({ kind: 'gone', status: 410 }),
    fc.constant(failed),
  );
  fc.assert(
    fc.property(fc.array(fc.record({ verdict, wait: fc.nat(5 * 3_600_000), draw })), (calls) => {
      let delivery = fresh;
      let now = begun;
      for (const call of calls) {
        now += call.wait;
        const next = afterCall(delivery, call.verdict, now, call.draw);
        if (delivery.state.status === 'waiting') expect(next.attempts).toBe(delivery.attempts + 1);
        else expect(next).toBe(delivery);
        expect(next.attempts).toBeLessThanOrEqual(mostAttempts);
        if (next.state.status === 'waiting') expect(next.state.nextAt).toBeLessThanOrEqual(begun + patience);
        if (next.state.status !== 'waiting') expect(dead(next, 'too-old', now)).toBe(next);
        expect([next.deliveryId, next.event]).toEqual([fresh.deliveryId, fresh.event]);
        delivery = next;
      }
      const again = replayed(delivery, now);
      expect(again.state.status).toBe('waiting');
      if (delivery.state.status !== 'waiting') expect(again).toMatchObject({ attempts: 0, since: now });
      expect(again.deliveryId).toBe(fresh.deliveryId);
    }),
  );
});

test('a receiver that fails five times rests, is probed ever more seldom, and after days is given up', () => {
  fc.assert(
    fc.property(draw, (each) => {
      let health: Health = healthy;
      for (let calls = 0; calls < 4; calls += 1) health = afterFailure(health, 'x', begun, each);
      expect(health.rest).toBeUndefined();
      health = afterFailure(health, 'x', begun, each);
      expect(health.rest).toMatchObject({ since: begun, probes: 0 });
      let probes = 0;
      for (let now = health.rest?.until ?? 0; now < begun + longestRest; now = health.rest?.until ?? now) {
        // A call that was under way when the rest began changes nothing.
        expect(afterFailure(health, 'late', now - 1, each)).toBe(health);
        health = afterFailure(health, 'x', now, each);
        probes += 1;
      }
      expect(probes).toBeLessThanOrEqual(5 * 24 + 4);
    }),
  );
});

test('the body of an event is the same, in whichever order a table gives its members back', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (data) => {
      const turned = Object.fromEntries(Object.entries(data).reverse());
      expect(bodyOf({ ...event, data: turned })).toBe(bodyOf({ ...event, data }));
      expect(JSON.parse(bodyOf({ ...event, data })).data).toEqual(JSON.parse(JSON.stringify(data)));
    }),
  );
});

test.each([
  [
    { kind: 'answered', status: 200, isPage: false },
    { kind: 'delivered', status: 200 },
  ],
  [
    { kind: 'answered', status: 204, isPage: false },
    { kind: 'delivered', status: 204 },
  ],
  [
    { kind: 'answered', status: 200, isPage: true },
    { kind: 'failed', reason: 'receiver-answered-page', status: 200 },
  ],
  [
    { kind: 'answered', status: 308, isPage: false },
    { kind: 'failed', reason: 'receiver-redirects', status: 308 },
  ],
  [
    { kind: 'answered', status: 410, isPage: true },
    { kind: 'gone', status: 410 },
  ],
  [
    { kind: 'answered', status: 404, isPage: true },
    { kind: 'failed', reason: 'receiver-answered-error', status: 404 },
  ],
  [
    { kind: 'failed', reason: 'receiver-timeout' },
    { kind: 'failed', reason: 'receiver-timeout' },
  ],
] as const)('%j means %j', (outcome, verdict) => {
  expect(verdictOf(outcome)).toEqual(verdict);
});
