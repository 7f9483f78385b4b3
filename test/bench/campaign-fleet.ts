import { generateKeyPairSync } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateThingCommand, IoTClient } from '@aws-sdk/client-iot';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { signerOf } from '#device-sdk/ota/verification/cryptography.ts';
import { documentClient } from '#functions/adapters/dynamo/document-client.ts';
import { itemOf, registryKeys } from '#functions/adapters/dynamo/registry-item.ts';
import { type EcuVersionReport, signedManifest, signedReport } from '#shared/ota/uptane/manifest.ts';
import { isMarket } from '#shared/registry/market.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { EcuReport } from '#shared/vehicle-cloud/envelopes.ts';
import { aBrand, aCertificate, aVehicle } from '../contract/samples.ts';
import { administrator } from '../support/aws-clients.ts';
import type { Meter } from './meter.ts';

/** Four control units, as the fleet has them on board. */
export const units: readonly EcuReport[] = ['gateway', 'battery', 'infotainment', 'engine'].map((ecuId) => {
  return { ecuId, hardwareId: `bench-${ecuId}`, softwareVersion: '1.0.0', releaseCounter: 1 };
});
export const model = 'ID.5';

/** Vehicles that are on the road, put where the platform keeps them: how they came there is another figure. */
export async function seeded(meter: Meter, count: number): Promise<readonly VehicleId[]> {
  const lifeCycle = { status: 'active', certificate: aCertificate() } as const;
  const vehicles = Array.from({ length: count }, (_, place) => {
    const market = place % 2 === 0 ? 'FR' : 'DE';
    if (!isMarket(market)) throw new RangeError(market);
    return aVehicle({ brand: aBrand(), model, market, lifeCycle, softwareVersion: '4.0.0' });
  });
  const items = vehicles.flatMap((vehicle) => {
    const { vehicleId, vin } = vehicle;
    const inventory = { vehicleId, sequence: 1, softwareVersion: '4.0.0', reportedAt: Date.now(), ecus: units };
    return [
      itemOf(vehicle),
      { ...registryKeys.vin(vin), vehicleId },
      { ...registryKeys.inventory(vehicleId), ...inventory },
    ];
  });
  const dynamo = new DynamoDBClient(administrator(meter.cloud));
  const table = meter.table('Registry');
  const client = documentClient(dynamo);
  await inTurn(pages(items, 25), 4, async (page) => {
    const requests = page.map((Item) => ({ PutRequest: { Item } }));
    await client.send(new BatchWriteCommand({ RequestItems: { [table]: requests } }));
  });
  dynamo.destroy();
  const iot = new IoTClient(administrator(meter.cloud));
  await inTurn(vehicles, 16, ({ vehicleId }) => iot.send(new CreateThingCommand({ thingName: vehicleId })));
  iot.destroy();
  return vehicles.map(({ vehicleId }) => vehicleId);
}

/** Whatever is to be done for each, so many at a time. */
export async function inTurn<T>(all: readonly T[], atOnce: number, work: (one: T) => Promise<unknown>): Promise<void> {
  const waiting = [...all];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

function pages<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, page) => all.slice(page * size, (page + 1) * size));
}

/** The voices of a vehicle's control units, each with a key of its own. */
export class Voices {
  readonly #signers = units.map(() => signerOf(generateKeyPairSync('ed25519').privateKey));
  #counter = 0;

  /** The signed manifest for a question to the Director. */
  async manifest(vehicleId: string, requestId: string): Promise<unknown> {
    this.#counter += 1;
    const reports = await Promise.all(
      units.map(async ({ ecuId, hardwareId, softwareVersion, releaseCounter }, place) => {
        const signer = this.#signers[place];
        if (signer === undefined) throw new RangeError(ecuId);
        const installed = { filepath: ecuId, fileinfo: { length: 16_384, hashes: { sha256: '0'.repeat(64) } } };
        const report: EcuVersionReport = {
          ...{ ecu_serial: ecuId, hardware_id: hardwareId, report_counter: this.#counter, nonce: requestId },
          ...{ timeserver_time: new Date().toISOString(), attacks_detected: '', installed_image: installed },
          ...{ software_version: softwareVersion, release_counter: releaseCounter, ecu_key: signer.publicKey },
        };
        return signedReport(report, signer);
      }),
    );
    const [primary] = this.#signers;
    if (primary === undefined) throw new RangeError('no control unit');
    const manifest = {
      ...{ vehicle_id: vehicleId, primary_ecu_serial: units[0]?.ecuId ?? '', nonce: requestId },
      director_root_version: 1,
      ecu_version_manifests: Object.fromEntries(reports.map((report) => [report.signed.ecu_serial, report])),
    };
    return signedManifest(manifest, primary);
  }
}
