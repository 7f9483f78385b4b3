import {
  DeleteThingShadowCommand,
  type IoTDataPlaneClient,
  ListNamedShadowsForThingCommand,
} from '@aws-sdk/client-iot-data-plane';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { ifThere } from './if-there.ts';

/** Which shadows a thing has. */
export class ShadowNames {
  readonly #client: IoTDataPlaneClient;

  constructor(client: IoTDataPlaneClient) {
    this.#client = client;
  }

  async named(thingName: VehicleId): Promise<readonly string[]> {
    const found: string[] = [];
    for (let nextToken: string | undefined; ; ) {
      const list = new ListNamedShadowsForThingCommand({ thingName, pageSize: 100, nextToken });
      const page = await ifThere(this.#client.send(list));
      found.push(...(page?.results ?? []));
      if (page?.nextToken === undefined) return found;
      nextToken = page.nextToken;
    }
  }

  /** The one without a name, undefined, among them: nobody lists that, and it may be there. */
  async all(thingName: VehicleId): Promise<readonly (string | undefined)[]> {
    return [undefined, ...(await this.named(thingName))];
  }

  async delete(thingName: VehicleId, shadowName: string | undefined): Promise<void> {
    await ifThere(this.#client.send(new DeleteThingShadowCommand({ thingName, shadowName })));
  }
}
