import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { deployed, ofType } from './stacks.ts';

const resources = deployed();
const deploying = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');

/** The first number in the row of that item, in the table of what an idle stage costs. */
function figureOf(item: string): number {
  const row = deploying.split('\n').find((line) => line.startsWith(`| ${item} |`)) ?? '';
  return Number(/\d+/.exec(row)?.[0]);
}

test('the idle bill counts the alarms, the keys and the polled queues that are deployed', () => {
  const queues = ofType(resources, 'AWS::SQS::Queue').map(({ id }) => id);
  const polled = ofType(resources, 'AWS::Lambda::EventSourceMapping').filter(({ Properties }) =>
    queues.some((id) => JSON.stringify(Properties['EventSourceArn']).includes(`"${id}"`)),
  );
  expect(figureOf('alarms')).toBe(ofType(resources, 'AWS::CloudWatch::Alarm').length);
  expect(figureOf('keys')).toBe(ofType(resources, 'AWS::KMS::Key').length);
  expect(figureOf('queue polling')).toBe(polled.length);
});
