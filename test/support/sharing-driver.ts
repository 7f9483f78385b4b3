import { setTimeout as pause } from 'node:timers/promises';
import type { KeyAnswer } from '#device-sdk/sharing/key-answer.ts';
import { Phone } from '#device-sdk/sharing/phone.ts';
import type { Vehicle } from '#device-sdk/vehicle.ts';
import type { ApiAnswer, ApiClient } from '#local/tour/api-client.ts';
import type { Journey } from '#local/tour/journey.ts';
import { at, check, eventually } from '#local/tour/telling.ts';
import type { KeyAction } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { sampleOperator } from './sharing-city.ts';

const { operatorId } = sampleOperator;
const papers = { bornOn: '1990-05-31', licence: { classes: ['B'], validUntil: '2041-05-31' } };
const account = `/v1/me/sharing/${operatorId}`;

/** Somebody with an account, papers that were seen, and a phone. */
export class SharingDriver {
  readonly person: ApiClient;
  readonly phone = new Phone();
  /** The last one that they got. */
  reservationId = '';

  private constructor(person: ApiClient) {
    this.person = person;
  }

  static async join(
    { operator, ...journey }: Pick<Journey, 'operator'> & { person: ApiClient },
    paymentMethod = 'sandbox-card',
  ) {
    const driver = new SharingDriver(journey.person);
    await driver.paysWith(paymentMethod);
    const { body } = await driver.person.get('/v1/me');
    const path = `/v1/sharing/operators/${operatorId}/drivers/${at(body, 'personId')}/verify`;
    const verified = await operator.post(path, papers);
    check(verified.status === 200, 'papers that were seen', verified);
    return driver;
  }

  async paysWith(paymentMethod: string): Promise<void> {
    const joined = await this.person.post(`${account}/account`, { paymentMethod });
    check(joined.status < 300, 'an account', joined);
  }

  async hold(vehicleId: string, headers: Readonly<Record<string, string>> = {}): Promise<ApiAnswer> {
    const answer = await this.person.post(`${account}/reservations`, { vehicleId }, headers);
    if (answer.status < 300) this.reservationId = String(at(answer.body, 'reservationId'));
    return answer;
  }

  /** What they ask of their last reservation: `extend`, `cancel`. */
  asks(what: string): Promise<ApiAnswer> {
    return this.person.post(`${account}/reservations/${this.reservationId}/${what}`, undefined);
  }

  /** The phone keeps it, in place of the one before. */
  async key(): Promise<ApiAnswer> {
    const path = `${account}/reservations/${this.reservationId}/key`;
    const answer = await this.person.post(path, { phoneKey: this.phone.publicKey });
    if (answer.status === 201) this.phone.keep(String(at(answer.body, 'token')));
    return answer;
  }

  async has(vehicleId: string): Promise<void> {
    const held = await this.hold(vehicleId);
    check(held.status === 201, 'a hold', held);
    const key = await this.key();
    check(key.status === 201, 'a key', key);
  }

  /** Over the air, beside the vehicle. */
  async asksVehicle({ vehicle }: { readonly vehicle: Vehicle }, action: KeyAction): Promise<KeyAnswer> {
    const { sharing } = vehicle;
    if (sharing === undefined) throw new Error('This vehicle is not shared.');
    return sharing.present(await this.phone.answer(action, sharing.challenge()));
  }

  async does(car: { readonly vehicle: Vehicle }, ...actions: readonly KeyAction[]): Promise<void> {
    for (const action of actions) {
      const answer = await this.asksVehicle(car, action);
      check(answer.kind === 'done', `${action} by the phone`, answer);
    }
  }

  reservation(): Promise<ApiAnswer> {
    return this.person.get(`${account}/reservations/${this.reservationId}`);
  }

  account(): Promise<ApiAnswer> {
    return this.person.get(`${account}/account`);
  }

  trip(reservationId = this.reservationId): Promise<ApiAnswer> {
    return this.person.get(`${account}/trips/${reservationId}`);
  }

  pays(body: object = {}): Promise<ApiAnswer> {
    return this.person.post(`${account}/trips/${this.reservationId}/payment`, body);
  }

  /** Waits until it stands so. @returns the trip */
  async tripIs(status: string, reservationId = this.reservationId): Promise<unknown> {
    const { body } = await eventually(
      `a trip that is ${status}`,
      async () => {
        await pause(100);
        return this.trip(reservationId);
      },
      (answer) => at(answer.body, 'status') === status,
      30_000,
    );
    return body;
  }
}
