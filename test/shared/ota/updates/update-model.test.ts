import fc from 'fast-check';
import { expect, test } from 'vitest';
import { statisticsOf, summed, type Tally, tallyOf } from '#shared/ota/campaigns/statistics.ts';
import { isFinal } from '#shared/ota/updates/update.ts';
import { course, events, lifeInTheGroup } from './courses.ts';

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

test('scenario 17: leaving the group and joining it again resets no retries, whoever comes, goes, cancels or is silent', () => {
  fc.assert(
    fc.property(lifeInTheGroup, (said) => {
      const states = course(said);
      const retries = { network: 0, 'timed-out': 0 };
      states.forEach((state, place) => {
        const before = states[place - 1];
        expect(state.failures).toBeGreaterThanOrEqual(before?.failures ?? 0);
        if (state.state.status !== 'retrying' || before?.state.status === 'retrying') return;
        if (state.state.error === 'network' || state.state.error === 'timed-out') retries[state.state.error] += 1;
      });
      expect(retries.network + retries['timed-out']).toBeLessThanOrEqual(1);
    }),
    { numRuns: 500 },
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
