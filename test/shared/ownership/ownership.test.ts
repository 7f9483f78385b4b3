import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '#shared/kernel/failure.ts';
import { codeOf, codeTyped, shownCode } from '#shared/ownership/claim-code.ts';
import {
  accepted,
  claimed,
  ended,
  type Ownership,
  type OwnershipChange,
  offered,
  offerLifetime,
  openOffer,
  ownerAfter,
  type Step,
  withoutOffer,
} from '#shared/ownership/ownership.ts';
import { aBrand, anOperationId, aPersonId, aVehicleId } from '../../contract/samples.ts';

const persons = [aPersonId(), aPersonId(), aPersonId()] as const;
const who = fc.integer({ min: 0, max: 2 });
const actions = fc.array(
  fc.record({
    kind: fc.constantFrom('claim', 'offer', 'accept', 'withdraw', 'give-up', 'erase'),
    who,
    /** How far the deciding clock is from the last one, also backwards; or past every expiry. */
    later: fc.oneof(fc.integer({ min: -5_000, max: 5_000 }), fc.constant(offerLifetime)),
    /** Carried out on what was read before the action before it: another one was faster. */
    stale: fc.boolean(),
    twice: fc.boolean(),
  }),
  { maxLength: 40 },
);

test('whatever is done by whomever in whatever order, a vehicle has one owner, and its history says who', () => {
  fc.assert(
    fc.property(actions, (steps) => {
      const vehicleId = aVehicleId();
      let present: Ownership | undefined;
      let before: Ownership | undefined;
      let now = 1_800_000_000_000;
      const history: OwnershipChange[] = [];
      const acknowledged: string[] = [];

      // As the table does: a save names the version it has seen.
      const save = (step: Step | undefined) => {
        if (step === undefined || step.seen?.version !== present?.version) return;
        before = present;
        present = step.next;
        if (step.change === undefined) return;
        history.push(step.change);
        acknowledged.push(step.change.changeId);
      };
      for (const { kind, who: index, later, stale, twice } of steps) {
        now += later;
        const personId = persons[index] ?? persons[0];
        const changeId = anOperationId();
        const decide = (seen: Ownership | undefined): Step | undefined => {
          if (kind === 'claim') {
            return claimed(seen, { vehicleId, brand: aBrand(), personId, changeId, codeRevision: 1 }, now);
          }
          if (seen === undefined) return undefined;
          if (kind === 'offer') return offered(seen, { offerId: changeId, recipient: 'somebody' }, now);
          if (kind === 'withdraw') return withoutOffer(seen);
          const offerId = seen.offer?.offerId ?? 'none';
          if (kind === 'accept') return accepted(seen, { offerId, personId, changeId }, now);
          return ended(seen, { personId, changeId, reason: kind === 'erase' ? 'erased' : 'given-up' }, now);
        };
        try {
          const step = decide(stale ? before : present);
          save(step);
          if (twice) save(step);
        } catch (error) {
          if (!(error instanceof Failure)) throw error;
        }
        expect(ownerAfter(history)).toBe(present?.owner?.personId);
        expect(history.map((change) => change.changeId)).toEqual(acknowledged);
        expect(openOffer(present, (present?.offer?.expiresAt ?? 0) + 0)).toBeUndefined();
      }
      for (const [place, change] of history.entries()) {
        const former = history[place - 1];
        expect(change.from).toBe(former?.to);
        expect(change.at).toBeGreaterThan(former?.at ?? 0);
      }
    }),
  );
});

test('a code is read as it was shown, in whatever case and with look-alikes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 5, maxLength: 5 }), (bytes) => {
      const code = codeOf(bytes);
      expect(shownCode(code)).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
      expect(codeTyped(shownCode(code).toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l'))).toBe(code);
    }),
  );
  expect(codeTyped('1234-567')).toBeUndefined();
  expect(codeTyped('1234-567U')).toBeUndefined();
});
