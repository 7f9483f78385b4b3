import {
  CreateThingCommand,
  DeleteThingCommand,
  DescribeThingCommand,
  type IoTClient,
  ResourceAlreadyExistsException,
  VersionConflictException,
} from '@aws-sdk/client-iot';
import type { Brand } from '#shared/registry/brand.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { ifThere } from './if-there.ts';

/** A thing, as far as a move looks at it. */
export interface KnownThing {
  /** Of the stay that it was made for; 0 is that of a vehicle that has never been elsewhere. */
  readonly epoch: number;
  readonly version: number;
}

const epochAttribute = 'homeEpoch';

/** Things that say for which stay of their vehicle they were made. */
export class HomeThings {
  readonly #client: IoTClient;

  constructor(client: IoTClient) {
    this.#client = client;
  }

  async find(thingName: VehicleId): Promise<KnownThing | undefined> {
    const thing = await ifThere(this.#client.send(new DescribeThingCommand({ thingName })));
    return thing && { epoch: epochIn(thing.attributes ?? {}), version: thing.version ?? 0 };
  }

  /** @returns false where somebody else has made it */
  async create(thingName: VehicleId, thingTypeName: string, brand: Brand, epoch: number): Promise<boolean> {
    const attributes = { brand, [epochAttribute]: String(epoch) };
    try {
      await this.#client.send(new CreateThingCommand({ thingName, thingTypeName, attributePayload: { attributes } }));
      return true;
    } catch (error) {
      if (error instanceof ResourceAlreadyExistsException) return false;
      throw error;
    }
  }

  /**
   * Not as long as a certificate is attached to it. Its memberships of groups go with it.
   *
   * @returns false where it is not the thing any more that was seen
   */
  async delete(thingName: VehicleId, { version: expectedVersion }: KnownThing): Promise<boolean> {
    try {
      await this.#client.send(new DeleteThingCommand({ thingName, expectedVersion }));
      return true;
    } catch (error) {
      if (error instanceof VersionConflictException) return false;
      throw error;
    }
  }
}

function epochIn({ [epochAttribute]: said }: Readonly<Record<string, string>>): number {
  return said === undefined ? 0 : Number(said);
}
