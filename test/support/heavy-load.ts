import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import type { CloudFile } from '#local/cloud-file.ts';
import { ApiClient } from '#local/tour/api-client.ts';
import { golf } from '#local/tour/chapters/vehicles.ts';
import type { Journey } from '#local/tour/journey.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { administrator } from './aws-clients.ts';
import { discrepancies } from './cell-books.ts';
import type { LoadedCar } from './loaded-car.ts';
import type { Told } from './patient-caller.ts';
import { someVins, Transfers } from './transfers.ts';

const lines = 400;

/**
 * Everything at once: readings, commands, registrations, owners that come and go, an import, and messages for a
 * session that sleeps. Whoever gets no answer asks again; what was acknowledged is noted.
 */
export class HeavyLoad {
  readonly #journey: Journey;
  readonly #told: readonly Told[];
  readonly #car: LoadedCar;
  readonly #pace: number;
  readonly #devices: IoTDataPlaneClient;
  readonly #queued: string[] = [];
  #claims = 0;
  #importId: string | undefined;
  #over = false;

  /** @param pace ms between two of a kind */
  constructor(journey: Journey, told: readonly Told[], car: LoadedCar, pace = 20) {
    this.#pace = pace;
    this.#journey = journey;
    this.#told = told;
    this.#car = car;
    this.#devices = new IoTDataPlaneClient({ ...administrator(journey.cloud), maxAttempts: 1 });
  }

  /** What was acknowledged so far, by its kinds. */
  get done(): number {
    const commands = this.#told.filter(({ path, status }) => path.endsWith('/commands') && status < 300).length;
    return Math.min(this.#car.measured, commands * 5, this.#claims * 30, this.#queued.length * 10);
  }

  /** Messages that were acknowledged for the session that sleeps. */
  get queued(): readonly string[] {
    return this.#queued;
  }

  /** @param asleep topic that a session subscribes to which is not connected */
  async work(asleep: string): Promise<void> {
    const kinds = [
      async (turn: number) => this.#car.measure(turn),
      () => this.#order(),
      (turn: number) => this.#register(turn),
      () => this.#changeOwner(),
      (turn: number) => this.#publish(asleep, turn),
    ];
    await Promise.all([this.#import(), ...kinds.map((kind) => this.#repeat(kind))]);
    this.#devices.destroy();
  }

  end(): void {
    this.#over = true;
  }

  async #repeat(kind: (turn: number) => Promise<void>): Promise<void> {
    for (let turn = 0; !this.#over; turn += 1) {
      // What is not acknowledged is not promised.
      await kind(turn).catch(() => undefined);
      await pause(this.#pace);
    }
  }

  async #order(): Promise<void> {
    const headers = { prefer: 'wait=5' };
    await this.#journey.operator.post(`/v1/vehicles/${this.#car.vehicleId}/commands`, { name: 'doors.lock' }, headers);
  }

  async #register(turn: number): Promise<void> {
    const vin = `WVWZZZAUZLV${String(turn).padStart(6, '0')}`;
    await this.#journey.operator.post('/v1/vehicles', { ...golf, vin });
  }

  async #changeOwner(): Promise<void> {
    const person = this.#journey.person('driver');
    const { code } = await this.#car.showCode();
    const { status } = await person.post('/v1/me/vehicles', { vehicleId: this.#car.vehicleId, code });
    if (status === 201) this.#claims += 1;
    await person.send('DELETE', `/v1/me/vehicles/${this.#car.vehicleId}`, {});
  }

  async #publish(topic: string, turn: number): Promise<void> {
    const payload = Buffer.from(`message ${turn}`);
    await this.#devices.send(new PublishCommand({ topic, payload, qos: 1 }));
    this.#queued.push(`message ${turn}`);
    // A session that wakes gets ten a second.
    await pause(300);
  }

  async #import(): Promise<void> {
    const vins = someVins(lines, 'WVWZZZLDA');
    const file = vins.map((vin) => JSON.stringify({ ...golf, vin })).join('\n');
    const transfers = new Transfers(this.#journey.operator);
    const { importId, uploadUrl } = await transfers.start('ndjson');
    await transfers.upload(uploadUrl, file);
    this.#importId = importId;
  }

  /** @throws what is missing */
  async isAllThere(cloud: CloudFile): Promise<void> {
    const operator = new ApiClient(cloud, 'operator');
    const endings = new Map<string, string>();
    await eventually(
      'books that are right',
      () => discrepancies(this.#told, operator, endings),
      (found) => found.length === 0,
      60_000,
    );
    const history = await operator.get(`/v1/vehicles/${this.#car.vehicleId}/ownership/history?limit=100`);
    const claimed = JSON.stringify(history.body).split('"reason":"claimed"').length - 1;
    if (claimed < this.#claims) throw new Error(`${this.#claims} claims acknowledged, ${claimed} in the history`);
    await this.#car.isAllThere(operator);
    await eventually(
      'the whole file imported',
      () => operator.get(`/v1/imports/${this.#importId}`),
      ({ body }) => at(body, 'status') === 'done' && at(body, 'registered') === lines && at(body, 'failed') === 0,
      120_000,
    );
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
