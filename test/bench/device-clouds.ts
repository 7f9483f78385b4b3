import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journey } from '#local/tour/journey.ts';
import { at } from '#local/tour/telling.ts';
import { type Figure, percentile, rounded } from './figure.ts';
import { start } from './running-cloud.ts';

const portBase = 27_400;
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 200);
const warmUp = Math.ceil(rounds / 5);
/** ms in which whatever will ever be true is true. */
const patience = 30_000;

const awsIot = { vin: 'WVWZZZAUZLW000900', brand: 'volkswagen', model: 'e-Golf', market: 'DE' };
const iotHub = { vin: 'WAUZZZGE1LB000900', brand: 'audi', model: 'e-tron', market: 'DE' };

const measures = ['twin', 'command-taken', 'command', 'command-awaited'] as const;
/** What a caller of the API waits for, in ms. */
type Round = Readonly<Record<(typeof measures)[number], number>>;

const shares = { median: 0.5, p95: 0.95, p99: 0.99 };

/**
 * Both device clouds side by side: one local cloud, a vehicle in each of them with the real SDK, and every round in both
 * before the next, so that whatever else the machine does meets both. BENCH_ROUNDS: how many; default 200.
 */
export async function deviceCloudFigures(): Promise<readonly Figure[]> {
  const directory = mkdtempSync(join(tmpdir(), 'fleetloom-bench-'));
  const running = await start(join(directory, 'cloud'), { vehicles: 0, portBase });
  const journey = new Journey(running.cloud, join(directory, 'vehicles'));
  try {
    const both = [new Caller(journey, await atAwsIot(journey)), new Caller(journey, await atIotHub(journey))];
    for (let round = 0; round < warmUp + rounds; round += 1) {
      // Neither is always the one that comes after the other.
      for (const caller of round % 2 === 0 ? both : both.toReversed()) await caller.take(round);
    }
    const [ofAws = [], ofHub = []] = both.map(({ taken }) => taken.slice(warmUp));
    return measures.flatMap((measure) =>
      Object.entries(shares).flatMap(([name, share]) => {
        const value = (of: readonly Round[]) =>
          percentile(
            of.map((round) => round[measure]),
            share,
          );
        const [aws, hub] = [value(ofAws), value(ofHub)];
        return [
          { name: `${measure}-${name}-aws-iot`, value: rounded(aws), unit: 'ms' },
          { name: `${measure}-${name}-iot-hub`, value: rounded(hub), unit: 'ms' },
          { name: `${measure}-${name}-ratio`, value: rounded(hub / aws), unit: 'hub/AWS' },
        ];
      }),
    );
  } finally {
    await journey.end().finally(() => running.stop());
    rmSync(directory, { recursive: true, force: true });
  }
}

async function atAwsIot(journey: Journey): Promise<string> {
  const vehicleId = await journey.registered(awsIot);
  await ready(journey, vehicleId, journey.vehicle(awsIot.vin));
  return vehicleId;
}

async function atIotHub(journey: Journey): Promise<string> {
  const vehicleId = await journey.registered(iotHub);
  await ready(journey, vehicleId, await journey.elsewhere(iotHub.vin, vehicleId));
  return vehicleId;
}

async function ready(journey: Journey, vehicleId: string, vehicle: ReturnType<Journey['vehicle']>): Promise<void> {
  vehicle.twin('bench').onDesired((desired) => desired);
  vehicle.commands.handle('doors.lock', () => undefined);
  await vehicle.connect();
  await journey.active(vehicleId, patience);
}

/** A partner's program that means one vehicle. */
class Caller {
  readonly taken: Round[] = [];
  readonly #journey: Journey;
  readonly #twin: string;
  readonly #commands: string;

  constructor(journey: Journey, vehicleId: string) {
    this.#journey = journey;
    this.#twin = `/v1/vehicles/${vehicleId}/twins/bench`;
    this.#commands = `/v1/vehicles/${vehicleId}/commands`;
  }

  async take(round: number): Promise<void> {
    const begun = performance.now();
    await this.#wish(round);
    const wished = performance.now();
    const commandId = at(await this.#order(202), 'commandId');
    const taken = performance.now();
    await this.#seen(`${this.#commands}/${commandId}`, (command) => at(command, 'status') === 'succeeded');
    const done = performance.now();
    await this.#order(200, { prefer: 'wait=20' });
    const answered = performance.now();
    this.taken.push({
      ...{ twin: wished - begun, command: done - wished },
      ...{ 'command-taken': taken - wished, 'command-awaited': answered - done },
    });
  }

  /** Until the API shows that the vehicle has made it true. */
  async #wish(round: number): Promise<void> {
    const answer = await this.#journey.operator.patch(this.#twin, { desired: { round } });
    if (answer.status !== 200) throw unexpected('PATCH', answer);
    await this.#seen(this.#twin, (twin) => at(twin, 'reported', 'round') === round);
  }

  async #order(status: number, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const answer = await this.#journey.operator.post(this.#commands, { name: 'doors.lock' }, headers);
    if (answer.status !== status) throw unexpected('POST', answer);
    return answer.body;
  }

  /** Asks anew as soon as it is answered. */
  async #seen(path: string, isTrue: (body: unknown) => boolean): Promise<void> {
    const deadline = performance.now() + patience;
    for (;;) {
      const answer = await this.#journey.operator.get(path);
      if (answer.status === 200 && isTrue(answer.body)) return;
      if (answer.status !== 200 || performance.now() > deadline) throw unexpected(`GET ${path}`, answer);
    }
  }
}

function unexpected(what: string, { status, body }: { readonly status: number; readonly body: unknown }): Error {
  return new Error(`${what} answered ${status} ${JSON.stringify(body)}`);
}
