import { vi } from 'vitest';
import type { LocalClock } from '#local/clock.ts';
import { type Faults, noFaults } from '#local/faults/faults.ts';
import type { Iam } from '#local/iam/iam.ts';
import { EventSources } from '#local/queues/event-sources.ts';
import { type LocalTables, place, scope } from '../dynamo/local-tables.ts';
import type { LocalQueues } from './local-queues.ts';
import { functionArn, roleArn, type ScriptedFunction } from './scripted-function.ts';

/** The role of the consuming function, with these actions on these resources. */
export function grant(iam: Iam, statements: Readonly<Record<string, readonly string[]>>): void {
  const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } };
  iam.putRole({ roleName: 'consumer', arn: roleArn, trustPolicy: { Statement: trust }, tags: {} });
  const Statement = Object.entries(statements).map(([Resource, Action]) => ({ Effect: 'Allow', Action, Resource }));
  if (Statement.length > 0) iam.putRolePolicy('consumer', 'rights', { Statement });
}

export async function startSources(
  options: {
    readonly local: LocalQueues;
    readonly tables: LocalTables;
    readonly clock: LocalClock;
    readonly consumer: ScriptedFunction;
    readonly faults?: Faults;
    readonly log?: (line: string) => void;
  },
  mapping: Readonly<Record<string, unknown>>,
): Promise<EventSources> {
  const { clock, consumer, local, tables, faults = noFaults, log = () => {} } = options;
  const sources = new EventSources({
    ...place,
    state: local.state,
    clock,
    faults,
    access: local.iam,
    queues: local.queues,
    engine: tables.client,
    writes: tables.writes,
    invoker: consumer,
    findFunction: () => ({ arn: functionArn, role: local.iam.assume(roleArn, 'lambda.amazonaws.com') }),
    retryDelay: () => 5,
    log,
  });
  await sources.resource.create({ FunctionName: 'consumer', ...mapping }, scope('Mapping'));
  sources.start();
  return sources;
}

/** Waits for a condition, not for a time. */
export const eventually = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 10_000, interval: 5 });
