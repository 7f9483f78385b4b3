import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { OfferSet } from '#shared/partners/offer.ts';
import type { OfferRepository } from '#shared/partners/package-repository.ts';
import { ttl, written } from './document-client.ts';
import { offerItemOf, offersOf, packageKeys } from './package-item.ts';

const isNew = 'attribute_not_exists(pk)';
/** ms that what nobody buys is kept. */
const offersKept = 24 * 3_600_000;

export class DynamoOfferRepository implements OfferRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async keep(set: OfferSet): Promise<OfferSet> {
    const Item = { ...offerItemOf(set), expiresAt: ttl(set.expiresAt + offersKept) };
    const put = { TableName: this.#table, Item, ConditionExpression: isNew };
    if (await written(this.#client.send(new PutCommand(put)))) return set;
    return (await this.load(set.clientId, set.searchId)) ?? set;
  }

  async load(clientId: string, searchId: string): Promise<OfferSet | undefined> {
    const get = { TableName: this.#table, Key: packageKeys.offers(clientId, searchId), ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get));
    return Item === undefined ? undefined : offersOf(Item);
  }
}
