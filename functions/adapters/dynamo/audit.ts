import { type DynamoDBDocumentClient, PutCommand, QueryCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { type AuditRecord, type AuditSubject, auditMemory } from '#shared/audit/audit-record.ts';
import type { AuditArchive, AuditQuery, AuditTrail } from '#shared/audit/audit-trail.ts';
import { Failure } from '#shared/kernel/failure.ts';
import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import { ttl, written } from './document-client.ts';

const isNew = 'attribute_not_exists(pk)';

const someone = z.object({ kind: z.enum(['client', 'person', 'vehicle']), id: z.string() });
const platform = z.object({ kind: z.literal('platform') });

const recordItem = z.object({
  recordId: z.string(),
  at: z.number(),
  subject: z.union([z.object({ kind: z.enum(['vehicle', 'person']), id: z.string() }), platform]),
  action: z.string(),
  actor: z.union([someone, platform]),
  requestId: z.string(),
  outcome: z.enum(['asked', 'done', 'refused', 'failed']),
  reason: z.exactOptional(z.string()),
  status: z.exactOptional(z.number()),
  problem: z.exactOptional(z.string()),
  resource: z.exactOptional(z.string()),
  counts: z.exactOptional(z.record(z.string(), z.number())),
});

/** The one author of the Audit table's keys. */
const auditKeys = {
  partition: (subject: AuditSubject) => (subject.kind === 'platform' ? 'platform' : `${subject.kind}#${subject.id}`),
  /** Everything at this instant and later sorts behind it. */
  instant: (at: number) => String(at).padStart(13, '0'),
  record: ({ at, recordId }: AuditRecord) => `${auditKeys.instant(at)}#${recordId}`,
};

const sortKey = /^\d{13}#/;
/** Behind every record. */
const end = '~';

/** Puts and queries: whoever uses it needs, and gets, no right to change or delete a record. */
export class DynamoAuditTrail implements AuditTrail, AuditArchive {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async append(records: readonly AuditRecord[]): Promise<void> {
    const [first, ...others] = records.map((record) => this.#put(record));
    if (first === undefined) return;
    // What is there already was written by a former run, all of it.
    if (others.length === 0) await written(this.#client.send(new PutCommand(first)));
    else {
      const TransactItems = [first, ...others].map((Put) => ({ Put }));
      await written(this.#client.send(new TransactWriteCommand({ TransactItems })));
    }
  }

  async records({ subject, from = 0, to }: AuditQuery, page: PageRequest): Promise<Page<AuditRecord>> {
    const pk = auditKeys.partition(subject);
    if (page.from !== undefined && !sortKey.test(page.from)) throw badCursor();
    const last = to === undefined ? end : auditKeys.instant(to);
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, ScanIndexForward: false, Limit: page.limit, ConsistentRead: true },
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: { ':pk': pk, ':from': auditKeys.instant(from), ':to': last },
        ...(page.from !== undefined && { ExclusiveStartKey: { pk, sk: page.from } }),
      }),
    );
    const items = Items.map((item) => recordItem.parse(item));
    const next = LastEvaluatedKey?.['sk'];
    return typeof next === 'string' ? { items, next } : { items };
  }

  #put(record: AuditRecord) {
    const keys = { pk: auditKeys.partition(record.subject), sk: auditKeys.record(record) };
    const Item = { ...keys, ...record, expiresAt: ttl(record.at + auditMemory) };
    return { TableName: this.#table, Item, ConditionExpression: isNew };
  }
}

function badCursor(): Failure {
  return new Failure('invalid', 'bad-cursor', 'The cursor is not from a page of this query.');
}
