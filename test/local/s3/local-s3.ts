import { S3Client } from '@aws-sdk/client-s3';
import { type LocalClock, systemClock } from '#local/clock.ts';
import type { NewEvent } from '#local/events/event-bus.ts';
import { PlannedFaults } from '#local/faults/planned-faults.ts';
import { Gateway } from '#local/gateway/gateway.ts';
import { Iam } from '#local/iam/iam.ts';
import { bucketResources } from '#local/s3/bucket-resources.ts';
import { Buckets } from '#local/s3/buckets.ts';
import { s3Service } from '#local/s3/service.ts';
import { State } from '#local/state/collection.ts';
import { place, scope } from '../dynamo/local-tables.ts';

export interface LocalS3 {
  readonly iam: Iam;
  readonly buckets: Buckets;
  readonly faults: PlannedFaults;
  readonly endpoint: string;
  /** As the administrator. */
  readonly client: S3Client;
  /** What the default bus was told. */
  readonly told: NewEvent[];
  create(type: string, name: string, properties: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** A client that acts as a role with these statements. */
  clientOf(roleName: string, statements: readonly object[], more?: object): S3Client;
  close(): Promise<void>;
}

export const noRetries = { region: place.region, maxAttempts: 1, forcePathStyle: false };

/** S3 behind a gateway in a directory, which a second call opens as a restarted process would. */
export async function localS3(options: {
  readonly directory: string;
  readonly clock?: LocalClock;
  readonly deaf?: boolean;
}): Promise<LocalS3> {
  const { clock = systemClock, directory, deaf = false } = options;
  const state = new State(directory);
  const iam = new Iam({ accountId: place.accountId, state, clock });
  const faults = new PlannedFaults(clock);
  const told: NewEvent[] = [];
  const announce = (event: NewEvent) => {
    if (deaf) throw new Error('The bus does not answer.');
    told.push(event);
  };
  const buckets = new Buckets({ ...place, access: iam, state, clock, announce, log: () => {} });
  const gateway = new Gateway({ port: 0, access: iam, clock, faults, log: () => {} });
  gateway.add(s3Service(buckets));
  await gateway.listen();
  const { endpoint } = gateway;
  const client = new S3Client({ ...noRetries, endpoint, credentials: iam.administratorKey });
  return {
    ...{ iam, buckets, faults, endpoint, client, told },
    async create(type, name, properties) {
      return bucketResources(buckets)
        .find((candidate) => candidate.type === type)
        ?.create(properties, scope(name));
    },
    clientOf(roleName, statements, more = {}) {
      const arn = `arn:aws:iam::${place.accountId}:role/${roleName}`;
      const Principal = { Service: 'lambda.amazonaws.com' };
      const trustPolicy = { Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal } };
      iam.putRole({ roleName, arn, trustPolicy, tags: {} });
      iam.putRolePolicy(roleName, 'own', { Version: '2012-10-17', Statement: statements });
      return new S3Client({ ...noRetries, endpoint, credentials: iam.issueKey(arn), ...more });
    },
    async close() {
      client.destroy();
      await gateway.close();
      buckets.stop();
      state.close();
    },
  };
}

export const announcing = {
  NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
};
