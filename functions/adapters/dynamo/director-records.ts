import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { DirectorRecords } from '#shared/ota/director/director-ports.ts';
import type { DirectorRecord } from '#shared/ota/director/director-record.ts';
import { signatureSchemes } from '#shared/ota/uptane/key.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { written } from './document-client.ts';
import { vehicleIdValue } from './registry-item.ts';

const isNew = 'attribute_not_exists(pk)';
const unchanged = 'version = :seen';

/** Beside the vehicle's updates. */
const keyOf = (vehicleId: VehicleId) => ({ pk: vehicleId, sk: 'director' });

const key = z.object({
  keytype: z.enum(['ed25519', 'rsa']),
  scheme: z.enum(signatureSchemes),
  keyval: z.object({ public: z.string() }),
});

const recordItem = z.object({
  vehicleId: vehicleIdValue,
  ecus: z.record(z.string(), z.object({ key, hardwareId: z.string(), reportCounter: z.number() })),
  unknown: z.record(z.string(), z.object({ key, hardwareId: z.string(), seenAt: z.number() })),
  requestId: z.string(),
  metadataVersion: z.number(),
  version: z.number(),
});

export class DynamoDirectorRecords implements DirectorRecords {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(vehicleId: VehicleId): Promise<DirectorRecord | undefined> {
    const get = { TableName: this.#table, Key: keyOf(vehicleId), ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get));
    return Item === undefined ? undefined : recordItem.parse(Item);
  }

  save(record: DirectorRecord, seen: number | undefined): Promise<boolean> {
    const put = {
      ...{ TableName: this.#table, Item: { ...keyOf(record.vehicleId), ...record } },
      ConditionExpression: seen === undefined ? isNew : unchanged,
      ...(seen !== undefined && { ExpressionAttributeValues: { ':seen': seen } }),
    };
    return written(this.#client.send(new PutCommand(put)));
  }
}
