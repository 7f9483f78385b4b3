import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { DemandBook, UnmetCount } from '#shared/sharing/field/demand.ts';
import type { SystemId } from '#shared/sharing/sharing-id.ts';
import { ttl } from './document-client.ts';
import { demandIn, fieldKeys, isoHour, unmetOf } from './field-item.ts';
import { wholePartition } from './whole-partition.ts';

/** ms: whoever searches does not wait longer for this. */
const patience = 250;
/** As long as figures are. */
const keptFor = 800 * 86_400_000;

/** How often somebody looked in vain, by hour and cell: nobody stands in it. */
export class DynamoDemandBook implements DemandBook {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async note(systemId: SystemId, { hour, cell, wanted }: Omit<UnmetCount, 'searches'>): Promise<void> {
    // Twice is once too often: a hint may be wrong by one.
    await this.#client.send(
      new UpdateCommand({
        ...{ TableName: this.#table, Key: fieldKeys.unmet(systemId, hour, cell, wanted) },
        UpdateExpression: 'SET expiresAt = :expiresAt ADD searches :one',
        ExpressionAttributeValues: { ':one': 1, ':expiresAt': ttl(hour + keptFor) },
      }),
      { abortSignal: AbortSignal.timeout(patience) },
    );
  }

  unmet(systemId: SystemId, from: number, to: number): Promise<readonly UnmetCount[]> {
    return wholePartition(this.#client, this.#table, demandIn(systemId), unmetOf, {
      from: isoHour(from),
      to: isoHour(to),
    });
  }
}
