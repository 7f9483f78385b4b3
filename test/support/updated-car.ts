import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { vi } from 'vitest';
import type { Identity } from '#device-sdk/certification.ts';
import { documentClient } from '#functions/adapters/dynamo/document-client.ts';
import { DynamoReleaseRepository } from '#functions/adapters/dynamo/releases.ts';
import type { LocalCloud } from '#local/cloud.ts';
import { at, eventually } from '#local/tour/telling.ts';
import type { EcuImage } from '#shared/ota/releases/ecu-image.ts';
import { draftedRelease, type Release } from '#shared/ota/releases/release.ts';
import type { EcuReport } from '#shared/vehicle-cloud/envelopes.ts';
import type { UpdateReport } from '#shared/vehicle-cloud/update-envelopes.ts';
import { aBrand, anOperationId } from '../contract/samples.ts';
import type { RawClient } from '../local/iot/broker/raw-client.ts';
import { administrator } from './aws-clients.ts';
import { published } from './device.ts';
import type { JourneyCloud } from './journey-cloud.ts';
import { rawVehicle } from './raw-vehicle.ts';
import { anImage, aReleaseOf } from './sample-release.ts';

/** What the car of the tests has on board, and its release replaces. */
export const gateway: EcuReport = {
  ...{ ecuId: 'gateway', hardwareId: 'gateway-hw', softwareVersion: '1.0.0', releaseCounter: 1 },
};

/** An approved release, put where the platform keeps them: how it gets there is another story. */
export async function approvedRelease(
  { execution, file }: LocalCloud,
  images: readonly EcuImage[] = [anImage('gateway', 'new')],
): Promise<Release> {
  const table = [...execution.resources.values()].find(({ logicalId }) => logicalId.startsWith('Releases'))?.ref ?? '';
  const client = new DynamoDBClient(administrator(file));
  const operation = { operationId: anOperationId(), startedAt: Date.now() };
  const drafted = draftedRelease(aReleaseOf(images), aBrand(), 'author', operation);
  const release: Release = { ...drafted, state: { status: 'approved', approvals: [] } };
  await new DynamoReleaseRepository(documentClient(client), table).add(release);
  client.destroy();
  return release;
}

/** A car that plays its part of an update as the test says. */
export class UpdatedCar {
  readonly vehicleId: string;
  readonly identity: Identity;
  readonly client: RawClient;
  #inventories = 0;
  #codes = 0;
  readonly #heard: { readonly topic: string; readonly payload: unknown }[] = [];

  private constructor(vehicleId: string, identity: Identity, client: RawClient) {
    this.vehicleId = vehicleId;
    this.identity = identity;
    this.client = client;
  }

  /** Online, with its inventory told, and listening to offers and jobs. */
  static async online(home: JourneyCloud, vin: string, ecus: readonly EcuReport[] = [gateway]): Promise<UpdatedCar> {
    const { vehicleId, identity, client } = await rawVehicle(home, vin);
    const car = new UpdatedCar(vehicleId, identity, client);
    const { shadowTopicPrefix, jobsTopicPrefix } = identity.topics;
    await client.subscribe(`${shadowTopicPrefix}/name/ota/update/delta`);
    await client.subscribe(`${jobsTopicPrefix}/notify-next`);
    await car.runs('4.0.0', ecus);
    await eventually(
      'an active vehicle with its software',
      () => home.journey.operator.get(`/v1/vehicles/${vehicleId}`),
      ({ body }) => at(body, 'status') === 'active' && at(body, 'softwareVersion') === '4.0.0',
    );
    return car;
  }

  /** It tells what it runs. */
  runs(softwareVersion: string, ecus: readonly EcuReport[]): Promise<number> {
    this.#inventories += 1;
    const report = { sequence: this.#inventories, softwareVersion, ecus };
    return published(this.client, this.identity.topics.inventoryTopic, JSON.stringify(report));
  }

  report(report: UpdateReport): Promise<number> {
    return published(this.client, this.identity.topics.updateReportTopic ?? '', JSON.stringify(report));
  }

  /** The code that its screen shows to whoever would own it. */
  async code(): Promise<string> {
    const { claimCodeTopic = '', claimCodeRequestTopic = '' } = this.identity.topics;
    await this.client.subscribe(claimCodeTopic);
    this.#codes += 1;
    const requestId = `code-${this.#codes}`;
    await published(this.client, claimCodeRequestTopic, JSON.stringify({ requestId }));
    const isIt = (answer: unknown) => at(answer, 'kind') === 'code' && at(answer, 'requestId') === requestId;
    return String(at(await this.hears('/code', isIt), 'code'));
  }

  /** The first message on a topic with this ending that says what is wanted. */
  hears(ending: string, isWanted: (payload: unknown) => boolean): Promise<unknown> {
    return vi.waitFor(
      async () => {
        this.#take();
        const found = this.#heard.find(({ topic, payload }) => topic.endsWith(ending) && isWanted(payload));
        if (found === undefined) throw new Error(`not heard on ${ending}: ${JSON.stringify(this.#heard)}`);
        return found.payload;
      },
      { timeout: 15_000, interval: 20 },
    );
  }

  #take(): void {
    for (const packet of this.client.received.splice(0)) {
      if (packet.cmd !== 'publish') continue;
      this.#heard.push({ topic: packet.topic, payload: JSON.parse(packet.payload.toString()) });
      if (packet.qos === 1) this.client.send({ cmd: 'puback', messageId: packet.messageId ?? 0, reasonCode: 0 });
    }
  }
}
