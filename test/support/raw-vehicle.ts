import { join } from 'node:path';
import { expect } from 'vitest';
import type { Identity } from '#device-sdk/certification.ts';
import { storedIdentity } from '#device-sdk/identity-memory.ts';
import { openStorage } from '#device-sdk/storage.ts';
import { golf } from '#local/tour/chapters/vehicles.ts';
import type { RawClient } from '../local/iot/broker/raw-client.ts';
import { attempt } from './device.ts';
import type { JourneyCloud } from './journey-cloud.ts';

/** A vehicle that introduced itself as it should, and from then on says exactly what a test wants. */
export interface RawVehicle {
  readonly vehicleId: string;
  readonly identity: Identity;
  readonly client: RawClient;
}

export async function rawVehicle({ cloud, journey, stateDirectory }: JourneyCloud, vin: string): Promise<RawVehicle> {
  const vehicleId = await journey.registered({ ...golf, vin });
  await journey.vehicle(vin).provision();
  const identity = storedIdentity(openStorage(join(stateDirectory, 'vehicles', vin)));
  if (identity === undefined) throw new Error(`${vin} was not provisioned`);
  const { client, connack } = await attempt(cloud.file, identity, vehicleId);
  expect(connack.reasonCode).toBe(0);
  return { vehicleId, identity, client };
}
