import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chapters } from '#local/tour/story.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';

const patience = { timeout: 120_000 };
/** What waits minutes after a failure the matrix of faults tells, and lets the time pass. */
const patient = ['transfers', 'quotas', 'erasure', 'updates', 'sharing', 'homes', 'webhooks', 'partners', 'care'];
const prompt = chapters.filter(({ name }) => !patient.includes(name));
const promptSteps = prompt.flatMap(({ steps }) => steps);

describe('with every message delivered twice', () => {
  const hops = ['mqtt', 'rule', 'queue', 'stream', 'event'] as const;
  /** A request of a partner is not delivered twice by itself; what an event calls is. */
  const calledByEvents = ['*-received', '*-reported', '*-replied', '*-changed', '*-expired'];
  let scene: JourneyCloud;

  beforeAll(async () => {
    scene = await openCloud();
    const { faults } = scene.cloud;
    for (const hop of hops) faults.plan({ kind: 'duplicate', hop });
    for (const label of calledByEvents) faults.plan({ kind: 'duplicate', hop: 'function', label });
  }, startTimeout);
  afterAll(() => scene.close());

  for (const { title, run } of promptSteps) test(title, patience, () => run(scene.journey));

  test('and it was: each hop was disturbed', () => {
    const disturbed = new Set(scene.cloud.faults.disturbances.map(({ hop }) => hop));
    expect([...disturbed].sort()).toEqual(['event', 'function', 'mqtt', 'queue', 'rule', 'stream']);
  });
});

describe('with tables that throttle, late answers, connections that break after the work, and batches that fail in part', () => {
  let scene: JourneyCloud;

  beforeAll(async () => {
    scene = await openCloud();
    const { faults } = scene.cloud;
    const error = 'ProvisionedThroughputExceededException';
    faults.plan({ kind: 'fail', hop: 'table', error, probability: 0.1, seed: 7 });
    faults.plan({ kind: 'delay', hop: 'mqtt', milliseconds: 40, probability: 0.2, seed: 8 });
    faults.plan({ kind: 'delay', hop: 'queue', milliseconds: 60, probability: 0.2, seed: 9 });
    faults.plan({ kind: 'cut', hop: 'http', label: 'dynamodb:*', when: 'after', probability: 0.1, seed: 10 });
    faults.plan({ kind: 'cut', hop: 'http', label: 'sqs:SendMessage', when: 'after', probability: 0.2, seed: 11 });
    faults.plan({ kind: 'reorder', hop: 'mqtt', milliseconds: 100, probability: 0.2, seed: 12 });
    faults.plan({ kind: 'reorder', hop: 'queue', milliseconds: 100, probability: 0.2, seed: 13 });
    // Each failure in a row doubles the pause before the next attempt, and the story waits ten seconds.
    faults.plan({ kind: 'partial', hop: 'stream', probability: 0.2, seed: 14 });
    faults.plan({ kind: 'partial', hop: 'table', probability: 0.2, seed: 15 });
  }, startTimeout);
  afterAll(() => scene.close());

  for (const { title, run } of promptSteps) test(title, patience, () => run(scene.journey));

  test('and it was: each of them struck', () => {
    const struck = scene.cloud.faults.disturbances.map(({ kind, hop }) => `${kind} ${hop}`);
    expect([...new Set(struck)].sort()).toEqual(
      expect.arrayContaining(['cut http', 'delay mqtt', 'fail table', 'partial stream', 'reorder mqtt']),
    );
  });
});
