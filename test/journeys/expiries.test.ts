import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ApiClient } from '#local/tour/api-client.ts';
import { signIn } from '#local/tour/sign-in.ts';
import { expiries } from '../support/expiries.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';

/** What the steps themselves may take. */
const slack = 10_000;
let scene: JourneyCloud;

beforeAll(async () => {
  scene = await openCloud();
}, startTimeout);
afterEach(() => scene.cloud.clock.runAhead(0));
afterAll(() => scene.close());

describe('time, moved over an end and back again', () => {
  test.each(expiries(() => scene))('$name', { timeout: 60_000 }, async ({ life, make, before, after, back }) => {
    const { clock } = scene.cloud;
    const made = await make();
    const [asksBefore, asksAfter, asksBack] = Array.isArray(made) ? made : [made, made, made];
    const answers: string[] = [];
    // The slack is behind what was made, too: it took its time.
    clock.runAhead(life - slack);
    answers.push(await asksBefore());
    clock.runAhead(life + slack);
    answers.push(await asksAfter());
    clock.runAhead(0);
    answers.push(await asksBack());
    expect(answers).toEqual([before, after, back]);
    await nobodyIsLockedOut();
  });
});

/** Machines and persons get a new token, and it opens. */
async function nobodyIsLockedOut(): Promise<void> {
  const { file } = scene.cloud;
  const { accessToken } = await signIn(file, 'driver');
  const asked = [
    new ApiClient(file, 'operator').get('/v1/vehicles'),
    new ApiClient(file, async () => accessToken).get('/v1/me'),
  ];
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200]);
}
