import { AddThingToThingGroupCommand, type IoTClient } from '@aws-sdk/client-iot';
import { DeleteConnectionCommand, type IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import type { CommandChannel } from '#shared/commands/command-channel.ts';
import { Failure } from '#shared/kernel/failure.ts';
import { untilSaved } from '#shared/kernel/optimistic.ts';
import type { Home } from '#shared/registry/home.ts';
import type { HomeCloud } from '#shared/registry/move-ports.ts';
import { certificatesOf, type Vehicle } from '#shared/registry/vehicle.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { TwinRepository } from '#shared/twins/twin-repository.ts';
import type { HomeNotice } from '#shared/vehicle-cloud/home-notice.ts';
import { type ProvisionedNames, provisionedNames } from '#shared/vehicle-cloud/provisioned-names.ts';
import { provisionTopic, rotationTemplateName, ruleNames, vehicleTopics } from '#shared/vehicle-cloud/topics.ts';
import { CommandMessages } from '../channels/command-messages.ts';
import { HomeCertificates } from './home-certificates.ts';
import { HomeThings, type KnownThing } from './home-thing.ts';
import { ifThere } from './if-there.ts';
import { MqttMessages } from './mqtt-messages.ts';
import { ShadowNames } from './shadow-names.ts';
import { ShadowTwinRepository } from './shadow-twins.ts';

export interface AwsIotHomePorts {
  readonly control: IoTClient;
  readonly data: IoTDataPlaneClient;
  readonly stage: string;
  /** The host that vehicles connect to. */
  readonly endpoint: () => Promise<string>;
}

/**
 * AWS IoT, under one epoch of a vehicle's. The thing says for which stay it was made; it is looked at before each step,
 * since AWS IoT has no write that spans a thing, its certificates and its shadows.
 */
export class AwsIotHome implements HomeCloud {
  readonly twins: TwinRepository;
  readonly commands: CommandChannel;
  readonly #home: Home;
  readonly #ports: AwsIotHomePorts;
  readonly #names: ProvisionedNames;
  readonly #things: HomeThings;
  readonly #certificates: HomeCertificates;
  readonly #shadows: ShadowNames;

  constructor(home: Home, ports: AwsIotHomePorts) {
    const { control, data, stage } = ports;
    this.#home = home;
    this.#ports = ports;
    this.#names = provisionedNames(stage);
    this.#things = new HomeThings(control);
    this.#certificates = new HomeCertificates(control);
    this.#shadows = new ShadowNames(data);
    this.twins = this.#guarded(new ShadowTwinRepository(data));
    const channel = new CommandMessages(new MqttMessages(data, stage));
    this.commands = {
      send: async (vehicleId, request, now) => {
        await this.#require(vehicleId);
        return channel.send(vehicleId, request, now);
      },
    };
  }

  async twinNames(vehicleId: VehicleId): Promise<readonly string[]> {
    return (await this.#ours(vehicleId)) === undefined ? [] : this.#shadows.named(vehicleId);
  }

  async certificateOf({ lifeCycle }: Vehicle): Promise<string> {
    const [own] = certificatesOf(lifeCycle);
    const known = own && (await this.#certificates.find(own.certificateId));
    if (known !== undefined) return known.certificatePem;
    throw new Failure('unavailable', 'certificate-unknown', 'The device cloud does not know this certificate.', {
      retryAfter: 60,
    });
  }

  async letIn({ vehicleId, brand }: Vehicle, certificatePem: string): Promise<void> {
    if (!(await this.#claimed(vehicleId, brand))) return;
    const { allVehicles, brandPrefix, messagesPolicy, shadowsPolicy, updatesPolicy } = this.#names;
    for (const thingGroupName of [allVehicles, `${brandPrefix}${brand}`]) {
      await this.#ports.control.send(new AddThingToThingGroupCommand({ thingGroupName, thingName: vehicleId }));
    }
    const principal = await this.#certificates.register(certificatePem);
    const policies = [messagesPolicy, shadowsPolicy, updatesPolicy];
    // Somebody who has removed the vehicle meanwhile was right: it is let in nowhere that it must be removed from.
    if (!(await this.#certificates.attach(vehicleId, principal, policies))) return;
    // Last: from here on it may come.
    if ((await this.#ours(vehicleId)) !== undefined) await this.#certificates.activate(principal);
  }

  async notice(vehicleId: VehicleId): Promise<HomeNotice> {
    const { stage, endpoint } = this.#ports;
    return {
      ...this.#home,
      dialect: 'aws-iot',
      endpoint: await endpoint(),
      topics: {
        ...vehicleTopics(vehicleId, ruleNames(stage)),
        rotationTopic: provisionTopic(rotationTemplateName(stage)),
      },
    };
  }

  async shutOut(vehicleId: VehicleId): Promise<void> {
    for (const principal of await this.#certificates.of(vehicleId)) {
      if ((await this.#ours(vehicleId)) === undefined) return;
      await this.#certificates.deactivate(principal);
    }
    if ((await this.#ours(vehicleId)) === undefined) return;
    await ifThere(this.#ports.data.send(new DeleteConnectionCommand({ clientId: vehicleId, cleanSession: true })));
  }

  async forget(vehicleId: VehicleId): Promise<void> {
    await untilSaved(async () => {
      const thing = await this.#ours(vehicleId);
      return thing === undefined || (await this.#removed(vehicleId, thing)) || undefined;
    });
  }

  /** @returns false where the vehicle is known under a later epoch */
  #claimed(vehicleId: VehicleId, brand: Vehicle['brand']): Promise<boolean> {
    const { epoch } = this.#home;
    return untilSaved(async () => {
      const thing = await this.#things.find(vehicleId);
      if (thing !== undefined && thing.epoch >= epoch) return thing.epoch === epoch;
      // What is left of an earlier stay is nothing that the vehicle may find.
      if (thing !== undefined && !(await this.#removed(vehicleId, thing))) return undefined;
      return (await this.#things.create(vehicleId, this.#names.thingType, brand, epoch)) || undefined;
    });
  }

  /** @returns false where it is another thing by now */
  async #removed(vehicleId: VehicleId, thing: KnownThing): Promise<boolean> {
    const isStillThere = async () => (await this.#things.find(vehicleId))?.epoch === thing.epoch;
    for (const principal of await this.#certificates.of(vehicleId)) {
      if (!(await isStillThere())) return false;
      await this.#certificates.deactivate(principal);
      await this.#certificates.remove(vehicleId, principal);
    }
    for (const shadow of await this.#shadows.all(vehicleId)) {
      if (!(await isStillThere())) return false;
      await this.#shadows.delete(vehicleId, shadow);
    }
    return this.#things.delete(vehicleId, thing);
  }

  #guarded(twins: TwinRepository): TwinRepository {
    return {
      load: async (vehicleId, name) =>
        (await this.#ours(vehicleId)) === undefined ? undefined : twins.load(vehicleId, name),
      patchDesired: async (vehicleId, name, patch, seen) => {
        // Shadows know nothing of things: one without the other would stay for ever.
        await this.#require(vehicleId);
        return twins.patchDesired(vehicleId, name, patch, seen);
      },
    };
  }

  /** Undefined where the vehicle is not known, or under a later epoch. */
  async #ours(vehicleId: VehicleId): Promise<KnownThing | undefined> {
    const thing = await this.#things.find(vehicleId);
    return thing === undefined || thing.epoch > this.#home.epoch ? undefined : thing;
  }

  async #require(vehicleId: VehicleId): Promise<void> {
    if ((await this.#ours(vehicleId)) !== undefined) return;
    throw new Failure('conflict', 'vehicle-not-provisioned', 'The device cloud does not know the vehicle yet.');
  }
}
