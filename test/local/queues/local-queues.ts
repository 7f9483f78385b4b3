import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalClock, systemClock } from '#local/clock.ts';
import { type Faults, noFaults } from '#local/faults/faults.ts';
import { Iam } from '#local/iam/iam.ts';
import { Queues } from '#local/queues/queues.ts';
import { queueResources } from '#local/queues/resources.ts';
import { State } from '#local/state/collection.ts';
import type { Provisioned } from '#local/template/resource-type.ts';
import { afterThisFile } from '../../support/tidying.ts';
import { place, scope } from '../dynamo/local-tables.ts';

export interface LocalQueues {
  readonly state: State;
  readonly iam: Iam;
  readonly queues: Queues;
  create(type: string, name: string, properties: Readonly<Record<string, unknown>>): Promise<Provisioned>;
  close(): void;
}

export function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'fleetloom-queues-'));
  afterThisFile(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Queues in a directory, which a second call opens as a restarted process would. */
export function localQueues(
  options: {
    readonly clock?: LocalClock;
    readonly directory?: string;
    readonly endpoint?: () => string;
    readonly faults?: Faults;
  } = {},
): LocalQueues {
  const {
    clock = systemClock,
    directory = newDirectory(),
    endpoint = () => 'http://127.0.0.1:4566',
    faults = noFaults,
  } = options;
  const state = new State(directory);
  const iam = new Iam({ accountId: place.accountId, state, clock });
  const queues = new Queues({ ...place, state, clock, access: iam, endpoint, faults, log: () => {} });
  const types = queueResources(queues);
  return {
    state,
    iam,
    queues,
    async create(type, name, properties) {
      const found = types.find((candidate) => candidate.type === type);
      if (found === undefined) throw new Error(`no type ${type}`);
      return found.create(properties, scope(name));
    },
    close() {
      queues.close();
      state.close();
    },
  };
}
