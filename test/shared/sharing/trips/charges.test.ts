import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Charged, chargesProperty } from '../../../support/charges-property.ts';

/** Each some seventy happenings: twenty thousand in all. A million with `npm run bench -- --long charges`. */
const numRuns = 300;

test('whatever happens, in whichever order, and whoever is killed meanwhile: no charge is lost, and none doubled', {
  timeout: 120_000,
}, async () => {
  const charged: Charged = { outcomes: new Map(), happenings: 0 };
  await fc.assert(chargesProperty(charged), { numRuns });
  // It was about something.
  for (const outcome of ['settled', 'to-review', 'cancelled', 'expired'])
    expect(charged.outcomes.get(outcome)).toBeGreaterThan(0);
  expect(charged.happenings).toBeGreaterThan(15_000);
});
