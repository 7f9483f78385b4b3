import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { storedIdentity } from '#device-sdk/identity-memory.ts';
import { openStorage } from '#device-sdk/storage.ts';
import type { CloudFile } from '#local/cloud-file.ts';
import { golf } from '#local/tour/chapters/vehicles.ts';
import { Journey } from '#local/tour/journey.ts';
import { eventually } from '#local/tour/telling.ts';
import { attempt } from './device.ts';
import { Disguise } from './disguise.ts';
import { HeavyLoad } from './heavy-load.ts';
import { LastingCar, type LoadedCar } from './loaded-car.ts';
import { PatientCaller } from './patient-caller.ts';

const session = { clean: false, properties: { sessionExpiryInterval: 3600 } };

export interface LoadScene {
  readonly load: HeavyLoad;
  /** What the sleeping session subscribes to. */
  readonly topic: string;
  /** What waited for the session comes when it wakes. */
  wakes(): Promise<void>;
}

/** Brings the vehicle of this VIN, which is registered, on the road. */
type Builder<Car> = (journey: Journey, vin: string, vehicleId: string) => Promise<Car>;

const disguise = () => new Disguise(0);

/** @param place where the vehicles keep their memory */
export function loadJourney(cloud: CloudFile, place: string): Journey {
  return new Journey(cloud, place, { vin: (vin) => disguise().vin(vin) });
}

/**
 * A vehicle that works, one whose session sleeps, and callers that do not give up: they stand in the place of `fetch`
 * until `vi.unstubAllGlobals`.
 *
 * @param place that of the journey
 * @param pace ms between two requests of a kind
 */
export async function loadScene<Car extends LoadedCar>(
  journey: Journey,
  place: string,
  build: Builder<Car>,
  pace?: number,
): Promise<LoadScene & { readonly car: Car }> {
  const { api, aws } = journey.cloud;
  const caller = new PatientCaller({
    ...{ origins: [api.baseUrl, aws.endpoint], noted: api.baseUrl, disguise: disguise(), name: 'load' },
    ...{ patience: 30_000, attempts: 120, wait: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)) },
  });
  vi.stubGlobal('fetch', caller.fetch);
  const vin = 'WVWZZZAUZLW000801';
  const vehicleId = await journey.registered({ ...golf, vin });
  const car = await build(journey, disguise().vin(vin), vehicleId);
  await journey.active(vehicleId, 20_000);
  const load = new HeavyLoad(journey, caller.told, car, pace);
  return { car, load, ...(await sleeper(journey, place, load)) };
}

/** The vehicle of the scene in the test's own process. */
export async function lastingCar(journey: Journey, vin: string, vehicleId: string): Promise<LastingCar> {
  const vehicle = journey.vehicle(vin);
  await vehicle.connect();
  return new LastingCar(vehicle, vehicleId);
}

/** A session with a subscription and without a connection. */
async function sleeper(journey: Journey, place: string, load: HeavyLoad): Promise<Pick<LoadScene, 'topic' | 'wakes'>> {
  const vehicleId = await journey.registered({ ...golf, vin: 'WVWZZZAUZLW000802' });
  await journey.vehicle('WVWZZZAUZLW000802', {}, 'sleeper').provision();
  const identity = storedIdentity(openStorage(join(place, 'sleeper')));
  if (identity === undefined) throw new Error('The sleeper was not provisioned');
  const { commandTopic: topic } = identity.topics;
  const { client } = await attempt(journey.cloud, identity, vehicleId, session);
  await client.subscribe(topic);
  client.send({ cmd: 'disconnect', reasonCode: 0 });
  return {
    topic,
    async wakes() {
      const { client: again, connack } = await attempt(journey.cloud, identity, vehicleId, session);
      expect(connack.sessionPresent).toBe(true);
      const came: string[] = [];
      await eventually(
        'every message that was acknowledged',
        async () => {
          came.push(...(await again.payloads()));
          return load.queued.filter((text) => !came.includes(text));
        },
        (missing) => missing.length === 0,
        30_000,
      );
    },
  };
}

/** Waits until so much was acknowledged. */
export function more(load: HeavyLoad, than: number) {
  return eventually(
    'more that was acknowledged',
    () => load.done,
    (done) => done >= than,
    60_000,
  );
}
