import { type DynamoDBDocumentClient, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { PersonId } from '#shared/access/person.ts';
import type { SharingErasure, SharingUse } from '#shared/erasure/sharing-step.ts';
import { operatorIdValue } from '#shared/sharing/id-values.ts';
import { bookingKeys } from './booking-item.ts';
import { operatorList } from './sharing-setup-keys.ts';

const operatorLine = z.object({ sk: operatorIdValue });
const driverItem = z.object({ active: z.optional(z.unknown()) });

/** With whom a person has accounts, found operator by operator: there are few. */
export class DynamoSharingAccounts implements Pick<SharingErasure, 'accountsOf'> {
  readonly #client: DynamoDBDocumentClient;
  readonly #tables: { readonly bookings: string; readonly sharing: string };

  constructor(client: DynamoDBDocumentClient, tables: { readonly bookings: string; readonly sharing: string }) {
    this.#client = client;
    this.#tables = tables;
  }

  async accountsOf(personId: PersonId): Promise<readonly SharingUse[]> {
    const found: SharingUse[] = [];
    for (const { sk: operatorId } of await this.#operators()) {
      const Key = bookingKeys.driver(operatorId, personId);
      const get = new GetCommand({ TableName: this.#tables.bookings, Key, ConsistentRead: true });
      const { Item: driver } = await this.#client.send(get);
      if (driver === undefined) continue;
      found.push({ operatorId, inUse: driverItem.parse(driver).active !== undefined });
    }
    return found;
  }

  async #operators() {
    const { Items = [] } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#tables.sharing, ProjectionExpression: 'sk', ConsistentRead: true },
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': operatorList },
      }),
    );
    return Items.map((item) => operatorLine.parse(item));
  }
}
