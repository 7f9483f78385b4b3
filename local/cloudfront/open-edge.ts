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
  /** Of what everybody may read. */
  readonly openPort: number;
  readonly buckets: Buckets;
  readonly iam: Iam;
  readonly faults: Faults;
  readonly clock: LocalClock;
  /** With what it proves to viewers who it is. */
  readonly server: StoredIdentity;
  readonly log: (line: string) => void;
}

/** CloudFront in the local cloud: objects of buckets, for whoever holds a signed URL, or for everybody. */
export async function openEdge(options: EdgeOptions): Promise<{
  readonly resources: readonly ResourceType[];
  /** Where everybody may read. */
  readonly openUrl: string;
  close(): Promise<void>;
}> {
  const { accountId, port, openPort, buckets, iam, faults, clock, server, log } = options;
  const now = () => clock.now();
  const edges = new Edges(accountId);
  const shared = { edges, origin: new Origin({ buckets, iam, now }), faults, now, log };
  const [signed, open] = [new EdgeServer({ ...shared, server }), new EdgeServer(shared)];
  await signed.listen(port);
  return {
    resources: edgeResources({ edges, domainName: (door) => (door === 'open' ? open : signed).domainName }),
    openUrl: `http://127.0.0.1:${await open.listen(openPort)}`,
    async close() {
      await signed.close();
      await open.close();
    },
  };
}
