import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { CfnQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { expect, test } from 'vitest';
import { bundleSizes, bundleSizeTable, tooLarge } from '#cdk/bundle-size.ts';
import { fleetloom } from '#cdk/fleetloom.ts';
import { judgeByAwsSolutions } from '#cdk/nag.ts';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { emptyFunctions } from './stacks.ts';

function judged(spoil: (stacks: ReturnType<typeof fleetloom>) => void): () => void {
  const app = new App({ analyticsReporting: false, context: cdkJson.context });
  spoil(fleetloom(app, emptyFunctions()));
  judgeByAwsSolutions(app);
  return () => app.synth();
}

test('cdk-nag and the template validation find nothing in the stacks that is not acknowledged', () => {
  expect(judged(() => {})).not.toThrow();
}, 60_000);

test('cdk-nag stops a queue that takes plain HTTP', () => {
  expect(judged(({ platform }) => new Queue(platform, 'Careless'))).toThrow(/validation/i);
}, 60_000);

test('the template validation stops a value that CloudFormation would refuse', () => {
  expect(
    judged(({ platform }) => {
      new CfnQueue(platform, 'Endless', { messageRetentionPeriod: 99_999_999 });
    }),
  ).toThrow(/validation/i);
}, 60_000);

test('a bundle above its limit is named in the table', () => {
  const directory = mkdtempSync(join(tmpdir(), 'fleetloom-sizes-'));
  try {
    for (const [name, kilobytes] of [
      ['api', 899],
      ['telemetry-received', 451],
    ] as const) {
      mkdirSync(join(directory, name));
      writeFileSync(join(directory, name, 'index.mjs'), 'x'.repeat(kilobytes * 1000));
    }
    const sizes = bundleSizes(directory);
    expect(sizes.filter(tooLarge).map(({ name }) => name)).toEqual(['telemetry-received']);
    expect(bundleSizeTable(sizes)).toMatch(/telemetry-received\s+451 KB of\s+450 KB {2}TOO LARGE/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
