import { ApiClient } from '#local/tour/api-client.ts';
import { at, check } from '#local/tour/telling.ts';
import type { VehicleType } from '#shared/sharing/setup/system.ts';
import type { Place } from '#shared/sharing/zones/zone.ts';
import { type JourneyCloud, openCloud } from './journey-cloud.ts';
import { sampleOperator } from './sharing-city.ts';
import type { SharingDriver } from './sharing-driver.ts';
import { middle, type SharedCar, SharingScene } from './sharing-scene.ts';
import { minute, StoryTime } from './story-time.ts';

const bike: VehicleType = {
  ...{ vehicleTypeId: 'bike', name: 'Bike', formFactor: 'bicycle', propulsion: 'human', seats: 1 },
  ...{ minimumAge: 12, minimumCharge: 0, planId: 'by-the-minute' },
};

/** Those of the machine clients that come from outside. */
type Outsider = 'city' | 'mobility-app' | 'accountant' | 'field-crew';

/** A city of one operator, to whom others come from outside; the chapters of a story share it. */
export class OutwardTown {
  readonly home: JourneyCloud;
  readonly time: StoryTime;
  readonly scene: SharingScene;
  /** With a key on the phone. */
  readonly car: SharedCar;
  /** Without a VIN: the operator speaks for them. */
  readonly bikes: readonly string[];
  readonly ada: SharingDriver;
  readonly bob: SharingDriver;
  readonly #sequences = new Map<string, number>();
  readonly #tokens = new Map<string, { readonly token: string; readonly until: number }>();
  readonly #places = new Map<string, Place>();

  private constructor(parts: Pick<OutwardTown, 'home' | 'time' | 'scene' | 'car' | 'bikes' | 'ada' | 'bob'>) {
    ({
      home: this.home,
      time: this.time,
      scene: this.scene,
      car: this.car,
      bikes: this.bikes,
      ada: this.ada,
      bob: this.bob,
    } = parts);
  }

  static async open(): Promise<OutwardTown> {
    const time = new StoryTime();
    const home = await openCloud({ clock: time.clock, oneTime: true });
    const scene = new SharingScene(home);
    await scene.setUp(bike);
    const clientIds = ['accountant', 'field-crew'].map((name) => clientId(home, name));
    const { operatorId } = sampleOperator;
    const path = `/v1/sharing/operators/${operatorId}`;
    const changed = await home.journey.operator.send('PATCH', path, { body: { clientIds } });
    check(changed.status === 200, 'clients that act for the operator', changed);
    const [car, ada, bob, ...bikes] = await Promise.all([
      ...([scene.newCar(), scene.driver(), scene.driver()] as const),
      ...([scene.unregistered('bike'), scene.unregistered('bike')] as const),
    ]);
    const town = new OutwardTown({ home, time, scene, car, bikes, ada, bob });
    await Promise.all(bikes.map((vehicleId) => town.stands(vehicleId)));
    return town;
  }

  async close(): Promise<void> {
    this.scene.close();
    await this.home.close();
  }

  get operator(): ApiClient {
    return this.home.journey.operator;
  }

  client(name: Outsider): ApiClient {
    return new ApiClient(this.home.cloud.file, name);
  }

  /** One of their tokens that is good still, however much time has leapt. */
  async token(name: Outsider | 'operator'): Promise<string> {
    const known = this.#tokens.get(name);
    if (known !== undefined && known.until > this.time.now()) return known.token;
    const token = await new ApiClient(this.home.cloud.file, name).token();
    this.#tokens.set(name, { token, until: this.time.now() + 10 * minute });
    return token;
  }

  /** What stands in tokens of theirs, and in whatever names them. */
  clientId(name: Outsider): string {
    return clientId(this.home, name);
  }

  bike(place: number): string {
    const found = this.bikes[place];
    if (found === undefined) throw new RangeError('So many bikes there are not');
    return found;
  }

  /** As RFC 3339, in whole seconds. */
  now(): string {
    return `${new Date(this.time.now()).toISOString().slice(0, 19)}Z`;
  }

  /** The operator says where a bike is. */
  async stands(vehicleId: string, place = middle): Promise<void> {
    this.#places.set(vehicleId, place);
    await this.#says(vehicleId, 'reports', { status: { at: this.now(), place } });
  }

  /** Whoever has it now, for the lines of its log. */
  async use(vehicleId: string) {
    const { body } = await this.scene.vehicle(vehicleId);
    return { reservationId: at(body, 'use', 'reservationId'), fence: at(body, 'use', 'fence') };
  }

  /** Somebody rides a bike that is free, from hold to bill. @returns the trip as its rider sees it */
  async rides(driver: SharingDriver, vehicleId: string, minutes = 5): Promise<unknown> {
    await this.scene.held(driver, vehicleId, () => this.time.nudge());
    await this.#says(vehicleId, 'opening');
    const use = await this.use(vehicleId);
    await this.tells(vehicleId, 'started', use);
    this.time.passes(minutes * minute);
    await this.tells(vehicleId, 'ended', use);
    return driver.tripIs('settled');
  }

  /** The next line of a bike's log: a kilometre further on. */
  async tells(vehicleId: string, kind: string, use: object): Promise<void> {
    const sequence = (this.#sequences.get(vehicleId) ?? 0) + 1;
    this.#sequences.set(vehicleId, sequence);
    const place = this.#places.get(vehicleId) ?? middle;
    const event = { ...use, sequence, kind, at: this.now(), place, odometer: 1_000 * sequence };
    await this.#says(vehicleId, 'reports', { events: [event] });
  }

  async #says(vehicleId: string, what: string, body?: object): Promise<void> {
    const answer = await this.operator.post(`/v1/sharing/vehicles/${vehicleId}/${what}`, body);
    check(answer.status < 300, `${what} of ${vehicleId}`, answer);
  }
}

function clientId({ cloud }: JourneyCloud, name: string): string {
  const found = cloud.file.identity.clients.find((client) => client.name === name);
  if (found === undefined) throw new RangeError(`No client is called ${name}`);
  return found.clientId;
}
