import type { ApiAnswer, ApiClient } from '../api-client.ts';
import type { Step } from '../journey.ts';
import { check, problem } from '../telling.ts';

/** So many at once, again and again until it is too much: a slow machine needs longer to be hasty. */
const atOnce = 40;
const mostWaves = 10;

async function flood(client: ApiClient): Promise<readonly ApiAnswer[]> {
  const answers: ApiAnswer[] = [];
  for (let wave = 0; wave < mostWaves && answers.every(({ status }) => status === 200); wave += 1) {
    answers.push(...(await Promise.all(Array.from({ length: atOnce }, () => client.get('/v1/me')))));
  }
  return answers;
}

export const quotaSteps: readonly Step[] = [
  {
    title: 'Who asks beyond their quota is told how long to wait, which is true, and hinders nobody',
    async run(journey) {
      const hasty = journey.hastyPerson('hasty-person');
      await hasty.token();
      const [answers, others] = await Promise.all([flood(hasty), journey.operator.get('/v1/vehicles?limit=1')]);
      check(others.status === 200, 'others served', others);
      const refused = answers.filter(({ status }) => status === 429);
      const other = answers.find(({ status }) => status !== 429 && status !== 200);
      check(refused.length > 0 && other === undefined, 'some 429, all others 200', other ?? answers.length);
      const [first] = refused;
      const seconds = Number(first?.headers.get('retry-after'));
      check(first !== undefined && problem(first) === 'quota-exceeded' && seconds >= 1, 'a time to wait', first);
      check(first?.headers.get('ratelimit')?.includes('r=0') === true, 'nothing left', first?.headers.get('ratelimit'));
      await journey.pause(seconds * 1000);
      const patient = await hasty.get('/v1/me');
      check(patient.status === 200, 'an answer for who has waited', patient);
    },
  },
];
