import type { Step } from '../journey.ts';
import { check, problem } from '../telling.ts';

/** Far more than a person may ask at once. */
const tooMany = 60;

export const quotaSteps: readonly Step[] = [
  {
    title: 'Who asks beyond their quota is told how long to wait, which is true, and hinders nobody',
    async run(journey) {
      const hasty = journey.person('hasty-person');
      await hasty.token();
      const flood = Array.from({ length: tooMany }, () => hasty.get('/v1/me'));
      const [others, answers] = await Promise.all([journey.operator.get('/v1/vehicles?limit=1'), Promise.all(flood)]);
      check(others.status === 200, 'others served', others);
      const refused = answers.filter(({ status }) => status === 429);
      const other = answers.find(({ status }) => status !== 429 && status !== 200);
      check(refused.length > 0 && other === undefined, 'some 429, all others 200', other ?? answers.length);
      const [first] = refused;
      const seconds = Number(first?.headers.get('retry-after'));
      check(first !== undefined && problem(first) === 'quota-exceeded' && seconds >= 1, 'a time to wait', first);
      check(first?.headers.get('ratelimit')?.includes('r=0') === true, 'nothing left', first?.headers.get('ratelimit'));
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      const patient = await hasty.get('/v1/me');
      check(patient.status === 200, 'an answer for who has waited', patient);
    },
  },
];
