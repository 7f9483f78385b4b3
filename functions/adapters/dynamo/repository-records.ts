import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { RepositoryRecords } from '#shared/ota/repository/metadata-ports.ts';
import {
  isOfflineRole,
  type OfflineRole,
  type PendingFile,
  type RepositoryName,
  type RepositoryState,
  repositoryNames,
} from '#shared/ota/repository/repository-state.ts';
import { written } from './document-client.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'revision = :seen';
const sameText = 'sha256 = :seen';

const pendingPrefix = 'pending#';
/** Beside the releases, in their table. */
const keys = {
  state: (repository: RepositoryName) => ({ pk: `repository#${repository}`, sk: 'state' }),
  pending: (repository: RepositoryName, role: OfflineRole) => ({
    pk: `repository#${repository}`,
    sk: `${pendingPrefix}${role}`,
  }),
};

const file = z.object({
  meta: z.object({
    version: z.number(),
    length: z.number(),
    hashes: z.object({ sha256: z.string(), sha512: z.string() }),
  }),
  expiresAt: z.number(),
});

const stateItem = z.object({
  repository: z.enum(repositoryNames),
  root: file,
  roots: z.array(z.string()),
  targets: z.record(z.string(), file),
  online: z.exactOptional(z.object({ snapshot: file, timestamp: file })),
  revision: z.number(),
  published: z.number(),
});

const pendingItem = z.object({
  repository: z.enum(repositoryNames),
  role: z.custom<OfflineRole>((value) => typeof value === 'string' && isOfflineRole(value)),
  version: z.number(),
  sha256: z.string(),
  signedBy: z.array(z.string()),
  missing: z.number(),
  expiresAt: z.number(),
  removes: z.array(z.string()),
  proposedBy: z.string(),
  proposedAt: z.number(),
});

export class DynamoRepositoryRecords implements RepositoryRecords {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(repository: RepositoryName): Promise<RepositoryState | undefined> {
    const item = await this.#get(keys.state(repository));
    return item === undefined ? undefined : stateItem.parse(item);
  }

  save(state: RepositoryState, seen: number | undefined, role?: OfflineRole): Promise<boolean> {
    const TableName = this.#table;
    const { repository } = state;
    const put = {
      ...{ TableName, Item: { ...keys.state(repository), ...state } },
      ConditionExpression: seen === undefined ? isNew : unchanged,
      ...(seen !== undefined && { ExpressionAttributeValues: { ':seen': seen } }),
    };
    const done = role === undefined ? [] : [{ Delete: { TableName, Key: keys.pending(repository, role) } }];
    return written(this.#client.send(new TransactWriteCommand({ TransactItems: [{ Put: put }, ...done] })));
  }

  async markPublished(repository: RepositoryName, revision: number): Promise<void> {
    const update = {
      ...{ TableName: this.#table, Key: keys.state(repository), ConditionExpression: unchanged },
      UpdateExpression: 'SET published = :seen',
      ExpressionAttributeValues: { ':seen': revision },
    };
    await written(this.#client.send(new UpdateCommand(update)));
  }

  async pending(repository: RepositoryName, role: OfflineRole): Promise<PendingFile | undefined> {
    const item = await this.#get(keys.pending(repository, role));
    return item === undefined ? undefined : pendingItem.parse(item);
  }

  async allPending(repository: RepositoryName): Promise<readonly PendingFile[]> {
    const { Items = [] } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, ConsistentRead: true },
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': keys.state(repository).pk, ':prefix': pendingPrefix },
      }),
    );
    return Items.map((item) => pendingItem.parse(item));
  }

  savePending(pending: PendingFile, seen: PendingFile | undefined): Promise<boolean> {
    const put = {
      ...{ TableName: this.#table, Item: { ...keys.pending(pending.repository, pending.role), ...pending } },
      ConditionExpression: seen === undefined ? isNew : sameText,
      ...(seen !== undefined && { ExpressionAttributeValues: { ':seen': seen.sha256 } }),
    };
    return written(this.#client.send(new PutCommand(put)));
  }

  dropPending({ repository, role, sha256 }: PendingFile): Promise<boolean> {
    const drop = {
      ...{ TableName: this.#table, Key: keys.pending(repository, role), ConditionExpression: sameText },
      ExpressionAttributeValues: { ':seen': sha256 },
    };
    return written(this.#client.send(new DeleteCommand(drop)));
  }

  async #get(Key: { pk: string; sk: string }) {
    const { Item } = await this.#client.send(new GetCommand({ TableName: this.#table, Key, ConsistentRead: true }));
    return Item;
  }
}
