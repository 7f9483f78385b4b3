import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { PersonId } from '#shared/access/person.ts';
import type { PartnersErasure } from '#shared/erasure/partners-step.ts';
import { isOver, type PartnerPackage } from '#shared/partners/package.ts';
import type { PackageName } from '#shared/partners/package-repository.ts';
import type { ReservationId } from '#shared/sharing/sharing-id.ts';
import { written } from './document-client.ts';
import { packageIdValue, packageKeys, packageOf } from './package-item.ts';
import { everything, Partition } from './partition.ts';
import { tripKeys } from './trip-keys.ts';

const isTheirs = 'personId = :person';

export class DynamoPartnersErasure implements PartnersErasure {
  readonly #client: DynamoDBDocumentClient;
  readonly #tables: { readonly partners: string; readonly trips: string };

  constructor(client: DynamoDBDocumentClient, tables: { readonly partners: string; readonly trips: string }) {
    this.#client = client;
    this.#tables = tables;
  }

  async packagesOf(personId: PersonId, after: string | undefined, limit: number) {
    const { keys, next } = await this.#pointers(personId).keys(everything, after, limit);
    const theirs: string[] = [];
    for (const key of keys) if (await this.#mayGo(personId, key)) theirs.push(key);
    return { keys: theirs, ...(next !== undefined && { next }) };
  }

  /** The pointer last: without it nobody finds the package again. */
  async forgetPackage(personId: PersonId, key: string): Promise<void> {
    const pack = await this.#package(key);
    if (pack?.personId === personId) await this.#nobodys(pack, personId);
    const Key = { pk: packageKeys.person(personId), sk: key };
    await this.#client.send(new DeleteCommand({ TableName: this.#tables.partners, Key }));
  }

  async #mayGo(personId: PersonId, key: string): Promise<boolean> {
    const pack = await this.#package(key);
    if (pack === undefined) return true;
    return isOver(pack.told) && !(await this.#hasTrip(personId, pack.reservationId));
  }

  /** The index is a moment late: what it still names is looked at again by the second sweep. */
  async #hasTrip(personId: PersonId, reservationId: ReservationId): Promise<boolean> {
    const { Count = 0 } = await this.#client.send(
      new QueryCommand({
        ...{ TableName: this.#tables.trips, IndexName: tripKeys.byPerson, Select: 'COUNT' },
        KeyConditionExpression: `${isTheirs} AND reservationId = :reservation`,
        ExpressionAttributeValues: { ':person': personId, ':reservation': reservationId },
      }),
    );
    return Count > 0;
  }

  /** As their trip is called now, so that the partner still finds what it was charged for. */
  async #nobodys(pack: PartnerPackage, personId: PersonId): Promise<void> {
    await written(
      this.#client.send(
        new UpdateCommand({
          ...{ TableName: this.#tables.partners, Key: packageKeys.package(pack) },
          UpdateExpression: 'SET personId = :nobody, travellerId = :unnamed, #version = #version + :one REMOVE #key',
          ConditionExpression: isTheirs,
          ExpressionAttributeNames: { '#version': 'version', '#key': 'key' },
          ExpressionAttributeValues: {
            ...{ ':person': personId, ':nobody': `erased-${pack.reservationId}` },
            ...{ ':unnamed': `erased-${pack.packageId}`, ':one': 1 },
          },
        }),
      ),
    );
  }

  async #package(key: string): Promise<PartnerPackage | undefined> {
    const get = { TableName: this.#tables.partners, Key: packageKeys.package(nameOf(key)), ConsistentRead: true };
    const { Item } = await this.#client.send(new GetCommand(get));
    return Item === undefined ? undefined : packageOf(Item);
  }

  #pointers(personId: PersonId): Partition {
    return new Partition(this.#client, this.#tables.partners, packageKeys.person(personId));
  }
}

/** A client's id may have any character, a package's has none of these. */
function nameOf(key: string): PackageName {
  const at = key.lastIndexOf('#');
  return { clientId: key.slice(0, at), packageId: packageIdValue.parse(key.slice(at + 1)) };
}
