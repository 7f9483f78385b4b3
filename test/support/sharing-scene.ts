import { join } from 'node:path';
import { SimulatedSharedBody } from '#device-sdk/sharing/simulated-shared-body.ts';
import { golf } from '#local/tour/chapters/vehicles.ts';
import { at, check, eventually } from '#local/tour/telling.ts';
import type { JourneyCloud } from './journey-cloud.ts';
import { sampleOperator, samplePlan, sampleSystem, sampleZones } from './sharing-city.ts';

const { systemId } = sampleSystem;
/** In the middle of the city, outside the garage. */
export const middle = { latitude: 52.52, longitude: 13.405 };
/** In a place known for no coverage. */
export const garage = { latitude: 52.511, longitude: 13.411 };

/** A city as its operator sets it up, and its cars on the road. */
export class SharingScene {
  readonly #home: JourneyCloud;
  #serial = 0;

  constructor(home: JourneyCloud) {
    this.#home = home;
  }

  async setUp(): Promise<void> {
    const { version: _, ...operator } = sampleOperator;
    await this.#posted('/v1/sharing/operators', operator);
    const { version: __, ...system } = sampleSystem;
    await this.#posted('/v1/sharing/systems', system);
    const { version: ___, ...plan } = samplePlan;
    await this.#posted(`/v1/sharing/systems/${systemId}/plans`, plan);
    const { zones, globalRules } = sampleZones;
    await this.#posted(`/v1/sharing/systems/${systemId}/zones`, { zones, globalRules });
  }

  /** A car that was registered, built, connected, taken into service and found by a search. */
  async car(place = middle) {
    this.#serial += 1;
    const serial = String(this.#serial).padStart(5, '0');
    const vin = `WVWZZZAUZLW5${serial}`;
    const { journey, stateDirectory } = this.#home;
    const vehicleId = await journey.registered({ ...golf, vin });
    const body = new SimulatedSharedBody(join(stateDirectory, `body-${vin}`), { place });
    const opened = () => journey.vehicle(vin, { sharing: { body } });
    const vehicle = opened();
    await vehicle.connect();
    const order = { vehicleId, vehicleTypeId: 'e-golf', label: `B-WS ${serial}E` };
    await this.#posted(`/v1/sharing/systems/${systemId}/vehicles`, order);
    await this.found(vehicleId, true, place);
    return { vin, vehicleId, vehicle, body, opened };
  }

  /** Searches as a person does, until the vehicle is among what is found, or is not. */
  async found(vehicleId: string, wanted: boolean, { latitude, longitude } = middle): Promise<unknown> {
    const query = `latitude=${latitude}&longitude=${longitude}&radius=100`;
    const driver = this.#home.journey.person('driver');
    const answer = await eventually(
      `${vehicleId} ${wanted ? 'found' : 'found no more'}`,
      () => driver.get(`/v1/me/sharing/systems/${systemId}/vehicles?${query}`),
      ({ body }) => (itemIn(body, vehicleId) !== undefined) === wanted,
      30_000,
    );
    return itemIn(answer.body, vehicleId);
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
      () => {
        asked += 1;
        if (asked % 50 === 0) nudge();
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

  async #posted(path: string, body: object): Promise<void> {
    const answer = await this.#home.journey.operator.post(path, body);
    check(answer.status < 300, `POST ${path} to succeed`, answer);
  }
}

function itemIn(page: unknown, vehicleId: string): unknown {
  const items = at(page, 'items');
  return Array.isArray(items) ? items.find((item: unknown) => at(item, 'vehicleId') === vehicleId) : undefined;
}
