import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ApiClient } from '#local/tour/api-client.ts';
import { signIn } from '#local/tour/sign-in.ts';
import { expiries, makers } from '../support/expiries/every-expiry.ts';
import { outOfTheFuture } from '../support/expiries/out-of-the-future.ts';
import { type Make, Stage } from '../support/expiries/stage.ts';
import { toldElsewhere } from '../support/expiries/told-elsewhere.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';

/** What the steps themselves may take. */
const slack = 10_000;
const year = 365 * 24 * 3_600_000;
let scene: JourneyCloud;
let stage: Stage;

beforeAll(async () => {
  scene = await openCloud();
}, startTimeout);
beforeEach(() => {
  stage = new Stage(scene);
});
afterEach(async () => {
  scene.cloud.clock.runAhead(0);
  await stage.end();
});
afterAll(() => scene.close());

test('every end in the table is brought about, and none besides', () => {
  expect(Object.keys(makers).sort()).toEqual(expiries.map(({ name }) => name).sort());
});

test.each(toldElsewhere)('$end: told in $file', ({ file, title }) => {
  expect(readFileSync(file, 'utf8')).toContain(`'${title}'`);
});

describe('time, moved over an end and back again', () => {
  test.each(expiries)('$name', { timeout: 60_000 }, async ({ name, life, late, before, after, back }) => {
    const { clock } = scene.cloud;
    const [asksBefore, asksAfter, asksBack] = await made(name);
    const answers: string[] = [];
    // The slack is behind what was made, too: it took its time.
    clock.runAhead(life - slack);
    answers.push(await asksBefore());
    clock.runAhead(life + late + slack);
    answers.push(await asksAfter());
    clock.runAhead(0);
    answers.push(await asksBack());
    expect(answers).toEqual([before, after, back]);
    await nobodyIsLockedOut();
  });
});

describe('made in a future that is taken back', () => {
  const holds = expiries.flatMap(({ name, holds, after }) => (holds ? [{ name, after, make: () => made(name) }] : []));
  const others = outOfTheFuture.map(({ name, after, make }) => ({ name, after, make: () => make(stage) }));

  test.each([...holds, ...others])('$name waits for no future', { timeout: 60_000 }, async ({ make, after }) => {
    const { clock } = scene.cloud;
    clock.runAhead(year);
    const asked = await make();
    clock.runAhead(0);
    const asks = typeof asked === 'function' ? asked : asked[1];
    expect(await asks()).toBe(after);
  });
});

async function made(name: string) {
  const make: Make | undefined = makers[name];
  if (make === undefined) throw new Error(`Nobody brings about ${name}`);
  const asked = await make(stage);
  return typeof asked === 'function' ? ([asked, asked, asked] as const) : asked;
}

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
