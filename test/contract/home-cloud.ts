import { beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '#local/tour/telling.ts';
import type { HomeCloud } from '#shared/registry/move-ports.ts';
import type { Vehicle } from '#shared/registry/vehicle.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import type { RawClient } from '../local/iot/broker/raw-client.ts';
import type { Credentials } from '../support/device.ts';
import { aCertificate, aVehicle } from './samples.ts';

/** A device cloud that vehicles leave, and come to. */
export interface HomeScene {
  at(epoch: number): HomeCloud;
  /** Makes a key, and a certificate of this cloud's own vehicles, and has it known here. @returns the id as well */
  native(vehicleId: VehicleId): Promise<Credentials & { readonly certificateId: string }>;
  /** Connects over MQTT and TLS as a device does; undefined: it is not let in. */
  enter(vehicleId: VehicleId, credentials: Credentials): Promise<RawClient | undefined>;
  /** What the cloud keeps of it: none of it is asked of the port. */
  remains(vehicleId: VehicleId): readonly string[];
  /** Twins that a partner has desired something in. */
  wish(vehicleId: VehicleId, names: readonly string[]): void;
  /** By the cloud's clock. */
  now(): number;
  /** The vehicle hears commands from now on. */
  listen(line: RawClient, vehicleId: VehicleId): Promise<void>;
  noticeTo(vehicleId: VehicleId): object;
  /** More than one answer of the cloud holds. */
  readonly mostTwins: number;
}

export interface TwoHomes {
  readonly here: HomeScene;
  readonly elsewhere: HomeScene;
}

/** What whoever moves vehicles relies upon, in each device cloud that vehicles may come to. */
export function homeCloudContract(name: string, open: () => Promise<TwoHomes>): void {
  describe(`a home of vehicles that move, kept by ${name}`, () => {
    let homes: TwoHomes;
    beforeAll(async () => {
      homes = await open();
    });
    comingPromises(() => homes);
    leavingPromises(() => homes);
    tellingPromises(() => homes);
  });
}

interface Traveller {
  readonly vehicle: Vehicle;
  readonly vehicleId: VehicleId;
  readonly credentials: Credentials;
  /** As its former home exports it. */
  readonly pem: string;
}

/** A vehicle that has been at home elsewhere so far. */
async function traveller({ elsewhere }: TwoHomes): Promise<Traveller> {
  const { vehicleId } = aVehicle();
  const { certificateId, ...credentials } = await elsewhere.native(vehicleId);
  const vehicle = active(vehicleId, certificateId);
  return { vehicle, vehicleId, credentials, pem: await elsewhere.at(0).certificateOf(vehicle) };
}

function active(vehicleId: VehicleId, certificateId: string): Vehicle {
  return aVehicle({ vehicleId, lifeCycle: { status: 'active', certificate: aCertificate({ certificateId }) } });
}

async function entered(here: HomeScene, { vehicleId, credentials }: Traveller): Promise<RawClient> {
  const line = await here.enter(vehicleId, credentials);
  if (line === undefined) throw new Error('The vehicle is not let in');
  return line;
}

function comingPromises(open: () => TwoHomes): void {
  test('lets a vehicle in by the certificate that it had elsewhere, told so once, twice or thrice at once', async () => {
    const { here } = open();
    const car = await traveller(open());
    expect(await here.enter(car.vehicleId, car.credentials)).toBeUndefined();
    const cloud = here.at(1);
    await cloud.letIn(car.vehicle, car.pem);
    const line = await entered(here, car);
    await Promise.all([1, 2, 3].map(() => cloud.letIn(car.vehicle, car.pem)));
    expect(line.closed).toBe(false);
    line.socket.destroy();
    const other = await traveller(open());
    await Promise.all([1, 2, 3].map(() => here.at(1).letIn(other.vehicle, other.pem)));
    (await entered(here, other)).socket.destroy();
  });

  test('lets nobody else in as this vehicle', async () => {
    const { here } = open();
    const [car, stranger] = await Promise.all([traveller(open()), traveller(open())]);
    await here.at(1).letIn(car.vehicle, car.pem);
    await here.at(1).letIn(stranger.vehicle, stranger.pem);
    expect(await here.enter(car.vehicleId, stranger.credentials)).toBeUndefined();
  });

  test('changes nothing for what is said late, under an earlier epoch', async () => {
    const { here } = open();
    const [car, stranger] = await Promise.all([traveller(open()), traveller(open())]);
    const [present, late] = [here.at(5), here.at(3)];
    await present.letIn(car.vehicle, car.pem);
    await present.twins.patchDesired(car.vehicleId, 'comfort', { blower: 2 });
    const line = await entered(here, car);
    await late.letIn(car.vehicle, stranger.pem);
    await late.shutOut(car.vehicleId);
    await late.forget(car.vehicleId);
    const stale = late.twins.patchDesired(car.vehicleId, 'comfort', { blower: 1 });
    await expect(stale).rejects.toMatchObject({ code: 'vehicle-not-provisioned' });
    expect(await late.twins.load(car.vehicleId, 'comfort')).toBeUndefined();
    expect(await late.twinNames(car.vehicleId)).toEqual([]);
    expect(line.closed).toBe(false);
    expect(await here.enter(car.vehicleId, stranger.credentials)).toBeUndefined();
    expect((await present.twins.load(car.vehicleId, 'comfort'))?.desired).toEqual({ blower: 2 });
    (await entered(here, car)).socket.destroy();
  });

  test('begins a later stay with nothing of an earlier one, though that was never cleared away', async () => {
    const { here } = open();
    const [before, now] = await Promise.all([traveller(open()), traveller(open())]);
    const { vehicleId } = before;
    await here.at(1).letIn(before.vehicle, before.pem);
    await here.at(1).twins.patchDesired(vehicleId, 'comfort', { blower: 2 });
    await here.at(4).letIn(before.vehicle, now.pem);
    expect(await here.at(4).twinNames(vehicleId)).toEqual([]);
    expect(await here.at(4).twins.load(vehicleId, 'comfort')).toBeUndefined();
    expect(await here.enter(vehicleId, before.credentials)).toBeUndefined();
    (await entered(here, { ...before, credentials: now.credentials })).socket.destroy();
  });
}

function leavingPromises(open: () => TwoHomes): void {
  test('throws out who is in and lets nobody in, until it is let in again', async () => {
    const { here } = open();
    const car = await traveller(open());
    const cloud = here.at(1);
    await cloud.letIn(car.vehicle, car.pem);
    const line = await entered(here, car);
    await cloud.shutOut(car.vehicleId);
    await line.closedByBroker();
    await cloud.shutOut(car.vehicleId);
    expect(await here.enter(car.vehicleId, car.credentials)).toBeUndefined();
    await cloud.letIn(car.vehicle, car.pem);
    (await entered(here, car)).socket.destroy();
  });

  test('forgets a vehicle with all that hangs on it, and one that it has never known', async () => {
    const { here } = open();
    const car = await traveller(open());
    const cloud = here.at(1);
    await cloud.letIn(car.vehicle, car.pem);
    await cloud.twins.patchDesired(car.vehicleId, 'comfort', { blower: 2 });
    await cloud.twins.patchDesired(car.vehicleId, 'charging', { limit: 80 });
    const line = await entered(here, car);
    await cloud.forget(car.vehicleId);
    await line.closedByBroker();
    expect(here.remains(car.vehicleId)).toEqual([]);
    expect(await here.enter(car.vehicleId, car.credentials)).toBeUndefined();
    await cloud.forget(car.vehicleId);
    await cloud.shutOut(car.vehicleId);
    const late = cloud.twins.patchDesired(car.vehicleId, 'comfort', { blower: 3 });
    await expect(late).rejects.toMatchObject({ code: 'vehicle-not-provisioned' });
    expect(here.remains(car.vehicleId)).toEqual([]);
  });

  test('lets a vehicle that it has forgotten come again', async () => {
    const { here } = open();
    const car = await traveller(open());
    await here.at(1).letIn(car.vehicle, car.pem);
    await here.at(1).forget(car.vehicleId);
    await here.at(3).letIn(car.vehicle, car.pem);
    await here.at(1).forget(car.vehicleId);
    (await entered(here, car)).socket.destroy();
  });
}

function tellingPromises(open: () => TwoHomes): void {
  test('names every twin in which something was desired', async () => {
    const { here } = open();
    const car = await traveller(open());
    await here.at(1).letIn(car.vehicle, car.pem);
    const names = Array.from({ length: here.mostTwins }, (_, place) => `twin-${place}`);
    here.wish(car.vehicleId, names);
    expect((await here.at(1).twinNames(car.vehicleId)).toSorted()).toEqual(names.toSorted());
  });

  test('exports the certificate of a vehicle that it knows, and says of another to come again', async () => {
    const { here } = open();
    const { vehicleId } = aVehicle();
    const { certificateId, certificatePem } = await here.native(vehicleId);
    const exported = await here.at(0).certificateOf(active(vehicleId, certificateId));
    expect(exported.trim()).toBe(certificatePem.trim());
    for (const unknown of [active(vehicleId, 'f'.repeat(64)), active(aVehicle().vehicleId, 'e'.repeat(64))]) {
      await expect(here.at(0).certificateOf(unknown)).rejects.toMatchObject({
        ...{ kind: 'unavailable', code: 'certificate-unknown', retryAfter: 60 },
      });
    }
  });

  test('says to a vehicle how it comes here', async () => {
    const { vehicleId } = aVehicle();
    expect(await open().here.at(7).notice(vehicleId)).toEqual({ ...open().here.noticeTo(vehicleId), epoch: 7 });
  });

  test('brings a command to a vehicle that is there', async () => {
    const { here } = open();
    const car = await traveller(open());
    await here.at(1).letIn(car.vehicle, car.pem);
    const line = await entered(here, car);
    await here.listen(line, car.vehicleId);
    const now = here.now();
    const request = { commandId: 'c1', name: 'lamps.flash', parameters: {}, issuedAt: now, expiresAt: now + 60_000 };
    await here.at(1).commands.send(car.vehicleId, request, now);
    const heard = () => line.received.find(({ cmd }) => cmd === 'publish');
    const packet = await eventually('the command', heard, (found) => found !== undefined, 20_000);
    expect(packet?.cmd === 'publish' && JSON.parse(packet.payload.toString())).toMatchObject({ commandId: 'c1' });
    line.socket.destroy();
  });
}
