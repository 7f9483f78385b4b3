import fc from 'fast-check';
import { type Charged, chargesProperty } from '../support/charges-property.ts';
import { type Figure, rounded } from './figure.ts';

/** A million happenings in all. */
const least = 1_000_000;
const runsAtOnce = 1_000;

/** A minute: `npm run bench -- --long charges`. What the provider wrote down is judged by what the car did, trip by trip. */
export async function chargesFigures(): Promise<readonly Figure[]> {
  const charged: Charged = { outcomes: new Map(), happenings: 0 };
  const begun = performance.now();
  let wrong = 0;
  for (let seed = 1; charged.happenings < least; seed += 1) {
    const details = await fc.check(chargesProperty(charged), { numRuns: runsAtOnce, seed });
    if (!details.failed) continue;
    wrong += 1;
    process.stderr.write(`${fc.defaultReportMessage(details) ?? ''}\n`);
  }
  const rate = (1000 * charged.happenings) / (performance.now() - begun);
  return [
    { name: 'charges-happenings', value: charged.happenings, unit: '', least },
    { name: 'charges-settled', value: charged.outcomes.get('settled') ?? 0, unit: '' },
    { name: 'charges-lost-or-doubled', value: wrong, unit: '', limit: 0 },
    { name: 'charges-rate', value: rounded(rate), unit: '/s' },
  ];
}
