import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { factory } from '#device-sdk/examples/azure-factory.ts';
import { DynamoPaymentBooks } from '#functions/adapters/dynamo/sandbox-payments.ts';
import type { ApiAnswer } from '#local/tour/api-client.ts';
import { golf } from '#local/tour/chapters/vehicles.ts';
import { at, check, eventually } from '#local/tour/telling.ts';
import type { VehicleType } from '#shared/sharing/setup/system.ts';
import { isReservationId } from '#shared/sharing/sharing-id.ts';
import { administrator } from './aws-clients.ts';
import type { JourneyCloud } from './journey-cloud.ts';
import { sampleOperator, samplePlan, sampleSystem, sampleZones } from './sharing-city.ts';
import { SharingDriver } from './sharing-driver.ts';

const { systemId } = sampleSystem;
/** In the middle of the city, outside the garage. */
export const middle = { latitude: 52.52, longitude: 13.405 };
/** In a place known for no coverage. */
export const garage = { latitude: 52.511, longitude: 13.411 };

/** ms between two questions: whoever asks all the time leaves no time for what they wait for. */
export const seldom = 100;

export type SharedCar = Awaited<ReturnType<SharingScene['newCar']>>;

/** A city as its operator sets it up, and its cars on the road. */
export class SharingScene {
  readonly #home: JourneyCloud;
  readonly #tables: DynamoDBDocumentClient;
  #serial = 0;
  #drivers = 0;

  constructor(home: JourneyCloud) {
    this.#home = home;
    this.#tables = DynamoDBDocumentClient.from(new DynamoDBClient(administrator(home.cloud.file)));
  }

  /** @param types besides those of the sample */
  async setUp(...types: readonly VehicleType[]): Promise<void> {
    const { version: _, ...operator } = sampleOperator;
    await this.#posted('/v1/sharing/operators', operator);
    const { version: __, ...system } = sampleSystem;
    const vehicleTypes = [...system.vehicleTypes, ...types];
    await this.#posted('/v1/sharing/systems', { ...system, vehicleTypes });
    const { version: ___, ...plan } = samplePlan;
    await this.#posted(`/v1/sharing/systems/${systemId}/plans`, plan);
    const { zones, globalRules } = sampleZones;
    await this.#posted(`/v1/sharing/systems/${systemId}/zones`, { zones, globalRules });
  }

  /** A car that was registered, built, connected, taken into service and found by a search. */
  async car(place = middle) {
    const car = await this.newCar(place);
    await this.found(car.vehicleId, true, place);
    return car;
  }

  /** A car that is in service, and has said so; a search may not know it yet. @param elsewhere not in the first home */
  async newCar(place = middle, elsewhere = false) {
    this.#serial += 1;
    const serial = String(this.#serial).padStart(5, '0');
    const vin = `${elsewhere ? 'WAUZZZGE1LB' : 'WVWZZZAUZLW'}5${serial}`;
    const { journey, cloud } = this.#home;
    const vehicleId = await journey.registered({ ...golf, vin, ...(elsewhere && { brand: 'audi' }) });
    const shared = elsewhere
      ? journey.shareable(vin, { place }, factory(cloud.file, vehicleId))
      : journey.shareable(vin, { place });
    const { vehicle, body, tunnel } = shared;
    const opened = () => journey.vehicle(vin, { sharing: { body } });
    const told = new Promise<void>((resolve) => vehicle.sharing?.onChange(resolve));
    await vehicle.connect();
    const order = { vehicleId, vehicleTypeId: 'e-golf', label: `B-WS ${serial}E` };
    await this.#posted(`/v1/sharing/systems/${systemId}/vehicles`, order);
    await told;
    // From then on keys are issued for it.
    await eventually(
      `the key of the log of ${vehicleId}`,
      () => journey.operator.get(`/v1/sharing/vehicles/${vehicleId}`),
      ({ body: known }) => at(known, 'hasLogKey') === true,
      30_000,
    );
    return { vin, vehicleId, vehicle, body, tunnel, opened };
  }

  newCars(many: number): Promise<SharedCar[]> {
    return Promise.all(Array.from({ length: many }, () => this.newCar()));
  }

  /** Searches as a person does, until the vehicle is among what is found, or is not. */
  async found(
    vehicleId: string,
    wanted: boolean,
    { latitude, longitude } = middle,
    nudge: () => void = () => {},
  ): Promise<unknown> {
    const query = `latitude=${latitude}&longitude=${longitude}&radius=100`;
    const driver = this.#home.journey.person('driver');
    const answer = await eventually(
      `${vehicleId} ${wanted ? 'found' : 'found no more'}`,
      () => {
        nudge();
        return driver.get(`/v1/me/sharing/systems/${systemId}/vehicles?${query}`);
      },
      // Who asks too often is told to wait, which says nothing of vehicles.
      ({ status, body }) => status === 200 && (itemIn(body, vehicleId) !== undefined) === wanted,
      30_000,
    );
    return itemIn(answer.body, vehicleId);
  }

  /** What a payment provider did of a reservation, in order. */
  async payments(reservationId: string): Promise<readonly string[]> {
    if (!isReservationId(reservationId)) throw new RangeError('No reservation');
    const book = await new DynamoPaymentBooks(this.#tables, this.table('Trips')).load(reservationId);
    return (book?.entries ?? []).map(({ kind }) => kind);
  }

  get tables(): DynamoDBDocumentClient {
    return this.#tables;
  }

  /** By what its logical name begins with. */
  table(name: string): string {
    const resources = [...this.#home.cloud.execution.resources.values()];
    return String(resources.find(({ logicalId }) => logicalId.startsWith(name))?.ref);
  }

  close(): void {
    this.#tables.destroy();
  }

  /** What happened to it by MDS, in the order in which it was told. */
  async moves(vehicleId: string): Promise<string[]> {
    const { Items = [] } = await this.#tables.send(
      new QueryCommand({
        ...{ TableName: this.table('Trips'), ConsistentRead: true },
        KeyConditionExpression: 'pk = :vehicle and begins_with(sk, :move)',
        ExpressionAttributeValues: { ':vehicle': `vehicle#${vehicleId}`, ':move': 'move#' },
      }),
    );
    return Items.map(({ event, reason }) => (reason === undefined ? `${event}` : `${event} (${reason})`));
  }

  /**
   * Asks as the operator does, until the booking stands so.
   *
   * @param nudge lets more time pass now and then: a message may have been under way when it passed
   */
  async inState(vehicleId: string, state: string, nudge: () => void = () => {}): Promise<void> {
    let asked = 0;
    await eventually(
      `${vehicleId} ${state}`,
      async () => {
        await this.#home.journey.pause(seldom);
        asked += 1;
        if (asked % 8 === 0) nudge();
        return this.#home.journey.operator.get(`/v1/sharing/vehicles/${vehicleId}`);
      },
      ({ body }) => at(body, 'state') === state,
      30_000,
    );
  }

  /** Its line is gone, and the cloud has noted when. */
  async isGone(vehicleId: string): Promise<void> {
    await eventually(
      `${vehicleId} gone`,
      () => this.#home.journey.operator.get(`/v1/vehicles/${vehicleId}`),
      ({ body }) => at(body, 'connection', 'connected') === false,
    );
  }

  vehicle(vehicleId: string): Promise<ApiAnswer> {
    return this.#home.journey.operator.get(`/v1/sharing/vehicles/${vehicleId}`);
  }

  async driver(paymentMethod?: string): Promise<SharingDriver> {
    const { journey } = this.#home;
    this.#drivers += 1;
    const person = journey.person(`driver-${this.#drivers}`);
    return SharingDriver.join({ operator: journey.operator, person }, paymentMethod);
  }

  /** Waits until they can have it. */
  async held(driver: SharingDriver, vehicleId: string, nudge: () => void = () => {}): Promise<void> {
    await eventually(
      `${vehicleId} for the next one`,
      () => {
        nudge();
        return driver.hold(vehicleId);
      },
      ({ status }) => status === 201,
      30_000,
    );
  }

  /** As the operator sees it: waits until it stands so, and this is known of it. */
  tripIs(vehicleId: string, reservationId: string, status: string, known = 'status'): Promise<unknown> {
    return eventually(
      `a trip that is ${status}`,
      async () => {
        await this.#home.journey.pause(seldom);
        return this.#tripOf(vehicleId, reservationId);
      },
      (trip) => at(trip, 'status') === status && at(trip, known) !== undefined,
      30_000,
    );
  }

  async decided(vehicleId: string, { reservationId }: SharingDriver, decision: 'settle' | 'waive'): Promise<void> {
    const fence = at(await this.tripIs(vehicleId, reservationId, 'to-review', 'endedAt'), 'fence');
    const reason = 'Driven after all, case 4711';
    await this.#posted(`/v1/sharing/vehicles/${vehicleId}/trips/${fence}/review`, { decision, reason });
  }

  async #tripOf(vehicleId: string, reservationId: string): Promise<unknown> {
    const { body } = await this.#home.journey.operator.get(`/v1/sharing/vehicles/${vehicleId}/trips`);
    const items = at(body, 'items');
    return Array.isArray(items)
      ? items.find((item: unknown) => at(item, 'reservationId') === reservationId)
      : undefined;
  }

  /** Without a VIN: its operator's client speaks for it. */
  async unregistered(vehicleTypeId: string): Promise<string> {
    this.#serial += 1;
    const order = { vehicleTypeId, label: `No. ${this.#serial}` };
    return String(at(await this.#posted(`/v1/sharing/systems/${systemId}/vehicles`, order), 'vehicleId'));
  }

  async #posted(path: string, body: object): Promise<unknown> {
    const answer = await this.#home.journey.operator.post(path, body);
    check(answer.status < 300, `POST ${path} to succeed`, answer);
    return answer.body;
  }
}

function itemIn(page: unknown, vehicleId: string): unknown {
  const items = at(page, 'items');
  return Array.isArray(items) ? items.find((item: unknown) => at(item, 'vehicleId') === vehicleId) : undefined;
}
