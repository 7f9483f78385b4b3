import {
  DeleteCertificateCommand,
  DeleteThingCommand,
  DetachThingPrincipalCommand,
  type IoTClient,
  ListThingPrincipalsCommand,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import {
  DeleteThingShadowCommand,
  GetThingShadowCommand,
  type IoTDataPlaneClient,
  ListNamedShadowsForThingCommand,
} from '@aws-sdk/client-iot-data-plane';
import type { Erasure } from '#shared/erasure/erasure.ts';
import type { ErasureStep, Found } from '#shared/erasure/erasure-work.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { ifThere } from './if-there.ts';

/** Stands for the shadow without a name; a name may not hold a slash. */
const classic = '/';

/** Every shadow of the vehicle, named and classic. */
export class ShadowsStep implements ErasureStep {
  readonly category = 'twins';
  readonly where = 'device shadows';
  readonly #client: IoTDataPlaneClient;

  constructor(client: IoTDataPlaneClient) {
    this.#client = client;
  }

  async find({ subject }: Erasure, after: string | undefined): Promise<Found> {
    if (subject.kind !== 'vehicle') return { keys: [] };
    const thingName = subject.vehicleId;
    const named = await ifThere(
      this.#client.send(new ListNamedShadowsForThingCommand({ thingName, pageSize: 100, nextToken: after })),
    );
    const isFirst = after === undefined;
    const hasClassic = isFirst && (await ifThere(this.#client.send(new GetThingShadowCommand({ thingName }))));
    const keys = [...(hasClassic ? [classic] : []), ...(named?.results ?? [])];
    return { keys, ...(named?.nextToken !== undefined && { next: named.nextToken }) };
  }

  async erase({ subject }: Erasure, keys: readonly string[]): Promise<void> {
    if (subject.kind !== 'vehicle') return;
    const thingName = subject.vehicleId;
    for (const key of keys) {
      const shadow = key === classic ? {} : { shadowName: key };
      await ifThere(this.#client.send(new DeleteThingShadowCommand({ thingName, ...shadow })));
    }
  }
}

/** The thing, and the certificates that hang on it: they were revoked when the vehicle was retired. */
export class ThingStep implements ErasureStep {
  readonly category = 'device-access';
  readonly where = 'device cloud';
  readonly #client: IoTClient;

  constructor(client: IoTClient) {
    this.#client = client;
  }

  async find({ subject }: Erasure): Promise<Found> {
    if (subject.kind !== 'vehicle') return { keys: [] };
    const thingName = subject.vehicleId;
    const list = this.#client.send(new ListThingPrincipalsCommand({ thingName }));
    const thing = await ifThere(list);
    return { keys: thing === undefined ? [] : [...(thing.principals ?? []), thingName] };
  }

  async erase({ subject }: Erasure, keys: readonly string[]): Promise<void> {
    if (subject.kind !== 'vehicle') return;
    const thingName = subject.vehicleId;
    for (const principal of keys.filter((key) => key !== thingName)) await this.#dismiss(thingName, principal);
    // It cannot go as long as something hangs on it, and AWS needs a moment to see that nothing does: then the
    // slice is repeated.
    await ifThere(this.#client.send(new DeleteThingCommand({ thingName })));
  }

  async #dismiss(thingName: VehicleId, principal: string): Promise<void> {
    const certificateId = principal.slice(principal.lastIndexOf('/') + 1);
    await ifThere(this.#client.send(new DetachThingPrincipalCommand({ thingName, principal })));
    await ifThere(this.#client.send(new UpdateCertificateCommand({ certificateId, newStatus: 'REVOKED' })));
    // With the policies that are attached to it.
    await ifThere(this.#client.send(new DeleteCertificateCommand({ certificateId, forceDelete: true })));
  }
}
