import { type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { sortableInstant } from '#shared/kernel/base32.ts';
import { Failure } from '#shared/kernel/failure.ts';
import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import {
  type AssistanceCase,
  closingReasons,
  deeds,
  isOpen,
  type Urgency,
  urgencyOf,
} from '#shared/ota/assistance/case.ts';
import { caseIdOf, isCaseId, type Subject, subjectOf } from '#shared/ota/assistance/case-id.ts';
import type { CaseRepository, OpenCases } from '#shared/ota/assistance/case-repository.ts';
import { failureClasses } from '#shared/ota/campaigns/statistics.ts';
import { written } from './document-client.ts';
import { brandValue, vehicleIdValue } from './registry-item.ts';
import { campaignIdValue } from './update-item.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';

/** Beside the vehicle's updates, so that it goes with them; in the index of open ones as long as it is open. */
const keys = {
  one: ({ vehicleId, campaignId }: Subject) => ({ pk: vehicleId, sk: `case#${campaignId}` }),
  index: 'openCases',
  open: 'open',
};

const urgencies: Readonly<Record<Urgency, number>> = { unsafe: 3, stuck: 2, failed: 1, 'handed-over': 1 };

const caseItem = z.object({
  vehicleId: vehicleIdValue,
  campaignId: campaignIdValue,
  brand: brandValue,
  model: z.string(),
  softwareVersion: z.string(),
  trouble: z.object({
    kind: z.enum(['failed', 'stuck', 'handed-over']),
    safety: z.enum(['safe', 'unsafe-to-drive', 'unknown']),
    error: z.exactOptional(z.enum(failureClasses)),
    detail: z.exactOptional(z.string()),
    ecuId: z.exactOptional(z.string()),
    attack: z.exactOptional(z.string()),
    phase: z.exactOptional(z.enum(['downloading', 'waiting', 'installing', 'checking', 'falling-back'])),
  }),
  state: z.discriminatedUnion('status', [
    z.object({ status: z.literal('open') }),
    z.object({ status: z.literal('closed'), at: z.number(), by: z.string(), reason: z.enum(closingReasons) }),
  ]),
  towedAt: z.exactOptional(z.number()),
  entries: z.array(
    z.object({
      at: z.number(),
      by: z.string(),
      what: z.enum(deeds),
      text: z.exactOptional(z.string()),
      operation: z.exactOptional(z.string()),
    }),
  ),
  openedAt: z.number(),
  changedAt: z.number(),
  heard: z.number(),
  version: z.number(),
});

export class DynamoCaseRepository implements CaseRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(subject: Subject): Promise<AssistanceCase | undefined> {
    const get = { TableName: this.#table, Key: keys.one(subject), ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get));
    return Item === undefined ? undefined : caseItem.parse(Item);
  }

  save(one: AssistanceCase, seen: number | undefined): Promise<boolean> {
    const put = {
      ...{ TableName: this.#table, Item: { ...keys.one(one), ...one, ...(isOpen(one) && indexKeys(one)) } },
      ConditionExpression: seen === undefined ? isNew : unchanged,
      ...(seen !== undefined && { ExpressionAttributeValues: { ':seen': seen } }),
    };
    return written(this.#client.send(new PutCommand(put)));
  }

  async open({ brands, campaignId }: OpenCases, { limit, from }: PageRequest): Promise<Page<AssistanceCase>> {
    const start = from === undefined ? undefined : positionOf(from);
    if (brands.length === 0) return { items: [] };
    const names = Object.fromEntries(brands.map((brand, place) => [`:brand${place}`, brand]));
    const ofBrands = `brand IN (${Object.keys(names).join(', ')})`;
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#table, IndexName: keys.index, Limit: limit, ScanIndexForward: false },
        KeyConditionExpression: 'caseState = :open',
        FilterExpression: campaignId === undefined ? ofBrands : `${ofBrands} AND campaignId = :campaign`,
        ExpressionAttributeValues: {
          ...{ ':open': keys.open, ...names },
          ...(campaignId !== undefined && { ':campaign': campaignId }),
        },
        ...(start !== undefined && { ExclusiveStartKey: start }),
      }),
    );
    const items = Items.map((item) => caseItem.parse(item));
    return LastEvaluatedKey === undefined ? { items } : { items, next: String(LastEvaluatedKey['caseRank']) };
  }
}

/** The most urgent last, of these the newest last: read from the end. */
function indexKeys(one: AssistanceCase) {
  const rank = `${urgencies[urgencyOf(one.trouble)]}#${sortableInstant(one.openedAt)}#${caseIdOf(one)}`;
  return { caseState: keys.open, caseRank: rank };
}

function positionOf(caseRank: string) {
  const caseId = caseRank.split('#')[2] ?? '';
  if (!isCaseId(caseId)) throw new Failure('invalid', 'bad-cursor', 'The cursor is not from a page of this query.');
  return { ...keys.one(subjectOf(caseId)), caseState: keys.open, caseRank };
}
