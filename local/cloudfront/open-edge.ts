import type { LocalClock } from '#local/clock.ts';
import type { Faults } from '#local/faults/faults.ts';
import type { Iam } from '#local/iam/iam.ts';
import type { StoredIdentity } from '#local/iot/authority/key-store.ts';
import type { Buckets } from '#local/s3/buckets.ts';
import type { ResourceType } from '#local/template/resource-type.ts';
import { edgeResources } from './edge-resources.ts';
import { EdgeServer } from './edge-server.ts';
import { Edges } from './edges.ts';
import { Origin } from './origin.ts';

export interface EdgeOptions {
  readonly accountId: string;
  readonly port: number;
  readonly buckets: Buckets;
  readonly iam: Iam;
  readonly faults: Faults;
  readonly clock: LocalClock;
  /** With what it proves to viewers who it is. */
  readonly server: StoredIdentity;
  readonly log: (line: string) => void;
}

/** CloudFront in the local cloud, as far as it serves objects of buckets to whoever holds a signed URL. */
export async function openEdge(options: EdgeOptions): Promise<{
  readonly resources: readonly ResourceType[];
  close(): Promise<void>;
}> {
  const { accountId, port, buckets, iam, faults, clock, server, log } = options;
  const now = () => clock.now();
  const edges = new Edges(accountId);
  const edge = new EdgeServer({ edges, origin: new Origin({ buckets, iam, now }), faults, now, server, log });
  await edge.listen(port);
  return {
    resources: edgeResources({ edges, domainName: () => edge.domainName }),
    close: () => edge.close(),
  };
}
