import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Identity } from '#device-sdk/certification.ts';
import { type Host, thisHost } from '#device-sdk/host.ts';
import { storedIdentity } from '#device-sdk/identity-memory.ts';
import { overHttp } from '#device-sdk/ota/download/range-request.ts';
import { SimulatedCar, type SimulatedUnit } from '#device-sdk/ota/simulated/simulated-car.ts';
import { uptane } from '#device-sdk/ota/uptane-verification.ts';
import type { FactoryRoots } from '#device-sdk/ota/verification/trusted-metadata.ts';
import type { SharedConditions } from '#device-sdk/sharing/shared-body.ts';
import { SimulatedSharedBody } from '#device-sdk/sharing/simulated-shared-body.ts';
import { openStorage } from '#device-sdk/storage.ts';
import type { Transport } from '#device-sdk/transport.ts';
import { awsIot } from '#device-sdk/transports/aws-iot.ts';
import { Vehicle, type VehicleOptions } from '#device-sdk/vehicle.ts';
import type { CloudFile } from '#local/cloud-file.ts';
import type { PlannedVehicle } from '#local/factory/fleet-plan.ts';
import { Tunnel } from '#local/simulator/tunnel.ts';
import { Administrator } from './administrator.ts';
import { ApiClient } from './api-client.ts';
import { golf } from './chapters/vehicles.ts';
import { openReceiver, type Receiver } from './receiver.ts';
import { ReleaseDesk } from './release-desk.ts';
import { signIn } from './sign-in.ts';
import { at, check, eventually } from './telling.ts';

/** One step of the story: a promise, and how it is checked. */
export interface Step {
  readonly title: string;
  run(journey: Journey): Promise<void>;
}

/** How the story is told: a second telling in the same cloud needs others to play it. */
export interface Cast {
  /** The vehicle that plays this one. */
  vin(vin: string): string;
  /** The username of who plays this person. */
  person(name: string): string;
  /** How somebody asks who takes "you have asked too often" for an answer. */
  readonly hasty: typeof fetch;
  /** Somebody waits for so many ms of the cloud's time. */
  pause(ms: number): Promise<void>;
  /** What the vehicles run on: their wall clocks show the time of the cloud. */
  readonly host: Host;
  /** Where the keys lie that sign releases: all tellings in one cloud have the same. */
  readonly deskDirectory?: string;
}

/** A device cloud, and how a vehicle proves to it who it is. */
type Place = Pick<VehicleOptions, 'transport'> & Partial<Pick<VehicleOptions, 'claim'>>;

const itself: Cast = {
  vin: (vin) => vin,
  person: (name) => name,
  hasty: (...asked) => fetch(...asked),
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  host: thisHost,
};

/** Everything that the story knows: a cloud seen from outside, its callers, the vehicles on the road. */
export class Journey {
  readonly cloud: CloudFile;
  readonly operator: ApiClient;
  readonly reader: ApiClient;
  readonly nobody: ApiClient;
  /** Books vehicles of ours for customers of its own. */
  readonly mobilityApp: ApiClient;
  readonly administrator: Administrator;
  readonly desk: ReleaseDesk;
  /** The vehicle of the story. */
  readonly golf: Vehicle;
  readonly #directory: string;
  readonly #cast: Cast;
  readonly #vehicles: Vehicle[] = [];
  readonly #cars: SimulatedCar[] = [];
  readonly #receivers: Receiver[] = [];
  readonly #persons = new Map<string, ApiClient>();

  constructor(cloud: CloudFile, directory: string, cast: Partial<Cast> = {}) {
    this.cloud = cloud;
    this.#cast = { ...itself, ...cast };
    this.operator = new ApiClient(cloud, 'operator');
    this.reader = new ApiClient(cloud, 'reader');
    this.nobody = new ApiClient(cloud, 'nobody');
    this.mobilityApp = new ApiClient(cloud, 'mobility-app');
    this.administrator = new Administrator(cloud);
    this.#directory = directory;
    this.desk = new ReleaseDesk(cloud, this.#cast.deskDirectory ?? join(directory, 'release-desk'));
    this.golf = this.vehicle(golf.vin, {
      inventory: {
        softwareVersion: '5.4.1',
        ecus: [{ ecuId: 'gateway', hardwareId: 'ICAS1-4', softwareVersion: '5.4.1', releaseCounter: 41 }],
        rxswins: { 'UN R79': 'VW-R79-0012' },
      },
    });
  }

  /**
   * The API as a person meets it who has signed in.
   *
   * @param name of a person in `cloud.json`: `driver`, `second-driver`; anybody else is given an account
   * @param ask other than with the `fetch` of everybody
   */
  person(name: string, ask?: typeof fetch): ApiClient {
    const known = this.#persons.get(name);
    if (known !== undefined) return known;
    const username = this.usernameOf(name);
    const seeded = this.cloud.identity.users.find((user) => user.name === username);
    let user = seeded === undefined ? undefined : Promise.resolve(seeded);
    const token = async () => {
      user ??= this.administrator.makePerson(username);
      return (await signIn(this.cloud, await user)).accessToken;
    };
    const person = new ApiClient(this.cloud, token, ask);
    this.#persons.set(name, person);
    return person;
  }

  /** Somebody who does not wait by themselves where they are told to. */
  hastyPerson(name: string): ApiClient {
    return this.person(name, this.#cast.hasty);
  }

  /** Waits as somebody does who was told how long, in ms. */
  pause(ms: number): Promise<void> {
    return this.#cast.pause(ms);
  }

  /** ms since the Unix epoch, as the vehicles' clocks show it. */
  now(): number {
    return this.#cast.host.now();
  }

  /** What one writes who means this person. */
  usernameOf(name: string): string {
    return this.#cast.person(name);
  }

  /** Who the vehicle is at present, as it keeps it on board. */
  identityOf(name: string): Identity {
    const identity = storedIdentity(openStorage(join(this.#directory, name)));
    if (identity === undefined) throw new Error(`${name} has no identity`);
    return identity;
  }

  /** A vehicle on the device SDK. `name` tells apart two that claim the same VIN. */
  vehicle(vin: string, options: Partial<VehicleOptions> = {}, name: string = vin): Vehicle {
    const { claim } = this.cloud;
    const vehicle = Vehicle.open({
      directory: join(this.#directory, name),
      vin: this.#cast.vin(vin),
      transport: this.#line(),
      claim: {
        certificatePem: readFileSync(claim.certificateFile, 'utf8'),
        privateKeyPem: readFileSync(claim.privateKeyFile, 'utf8'),
        templateName: claim.templateName,
      },
      telemetry: { flushInterval: 50 },
      host: this.#cast.host,
      ...options,
    });
    this.#vehicles.push(vehicle);
    return vehicle;
  }

  /** One whose control units take new software. @param roots what its factory lets it trust */
  updatable(vin: string, units: readonly SimulatedUnit[], roots: FactoryRoots) {
    const car = new SimulatedCar(join(this.#directory, `${vin}-control-units`), units);
    this.#cars.push(car);
    const vehicle = this.vehicle(vin, {
      inventory: { softwareVersion: '4.0.0', ecus: units },
      updates: {
        ecus: car.ecus,
        body: car.body,
        verification: uptane({ roots, primary: units[0]?.ecuId ?? '' }),
        request: overHttp({ caFile: this.cloud.mqtt.caFile }),
      },
    });
    return { vehicle, car };
  }

  /** One that many people share. `tunnel` takes its network away. @param place where it is at home, if elsewhere */
  shareable(vin: string, conditions: Partial<SharedConditions> = {}, place: Place = { transport: this.#line() }) {
    const body = new SimulatedSharedBody(join(this.#directory, `${vin}-body`), conditions);
    const tunnel = new Tunnel();
    const transport = tunnel.through(place.transport);
    const vehicle = this.vehicle(vin, { ...place, sharing: { body }, transport });
    return { vehicle, body, tunnel };
  }

  /** One that is at home in the other device cloud, registered under this id, and may be sent to the first one. */
  async elsewhere(vin: string, vehicleId: string, options: Partial<VehicleOptions> = {}): Promise<Vehicle> {
    // Its SDK is loaded by nobody who does without.
    const { factory } = await import('#device-sdk/examples/azure-factory.ts');
    return this.vehicle(vin, { ...factory(this.cloud, vehicleId), elsewhere: [this.#line()], ...options });
  }

  /** A partner's own server, on this machine. */
  async receiver(): Promise<Receiver> {
    const receiver = await openReceiver(() => this.now());
    this.#receivers.push(receiver);
    return receiver;
  }

  /** What partners' servers have heard, by their addresses. */
  get receivers(): readonly Receiver[] {
    return this.#receivers;
  }

  /** Registers the vehicle; gives its id. */
  async registered(vehicle: PlannedVehicle): Promise<string> {
    const { status, body } = await this.operator.post('/v1/vehicles', vehicle);
    const vehicleId = at(body, 'vehicleId');
    check((status === 201 || status === 200) && typeof vehicleId === 'string', 'a registered vehicle', {
      status,
      body,
    });
    return String(vehicleId);
  }

  /** Waits until the cloud knows what the vehicle knows already: that it is active and connected. */
  async active(vehicleId: string, within?: number): Promise<void> {
    await eventually(
      `${vehicleId} active and connected`,
      () => this.operator.get(`/v1/vehicles/${vehicleId}`),
      ({ body }) => at(body, 'status') === 'active' && at(body, 'connection', 'connected') === true,
      within,
    );
  }

  #line(): Transport {
    return awsIot({ ...this.cloud.mqtt, reconnectDelay: { min: 100, max: 2_000 } });
  }

  async end(): Promise<void> {
    await Promise.all(this.#vehicles.map((vehicle) => vehicle.close()));
    for (const one of [...this.#cars, ...this.#receivers]) one.close();
  }
}
