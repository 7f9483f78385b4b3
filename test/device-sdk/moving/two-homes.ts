import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { awsIotDialect } from '#device-sdk/dialects/aws-iot.ts';
import { type Host, thisHost } from '#device-sdk/host.ts';
import type { ConnectOptions } from '#device-sdk/transport.ts';
import { MemoryHub } from '#device-sdk/transports/memory.ts';
import { Vehicle, type VehicleOptions } from '#device-sdk/vehicle.ts';
import { openAuthority } from '#local/iot/authority/authority.ts';
import { ruleNames, vehicleTopics } from '#shared/vehicle-cloud/topics.ts';
import { afterThisFile } from '../../support/tidying.ts';
import { TestCloud, temporaryDirectory, until } from '../test-cloud.ts';

const vin = 'WVWZZZE1ZMP000001';
const homeTwin = 'home';
const dialects = ['aws-iot', 'other-iot'];
export const names = ['first', 'elsewhere'];

/** So many times as fast as this one, but for how long one waits for an answer. */
const haste = 200;
const patience: readonly number[] = [3000, 10_000];
const hasty: Host = {
  ...thisHost,
  monotonic: () => thisHost.monotonic() * haste,
  after: (ms, fire) => thisHost.after(patience.includes(ms) ? ms : ms / haste, fire),
};

/** Made once for a file of tests: a vehicle that was introduced in the first cloud and was online there. */
let introduced: Promise<{ directory: string; authority: Awaited<ReturnType<typeof openAuthority>> }> | undefined;

async function introduce() {
  const authority = await openAuthority(join(temporaryDirectory(), 'authority'));
  const cloud = newCloud(authority);
  const directory = temporaryDirectory();
  const vehicle = Vehicle.open({ vin, directory, transport: cloud.hub, claim: cloud.claim });
  await vehicle.connect();
  await vehicle.close();
  return { directory, authority };
}

function newCloud(authority: Awaited<ReturnType<typeof openAuthority>>): TestCloud {
  return new TestCloud(authority, temporaryDirectory(), new MemoryHub(), {
    certificatePem: 'claim',
    privateKeyPem: 'claim',
  });
}

/** Two device clouds in memory that speak alike under two names, and one vehicle. */
export class TwoHomes {
  readonly clouds: readonly [TestCloud, TestCloud];
  /** Whether they let the vehicle in. */
  readonly open = [true, false];
  /** Who called, in the order of the calls that were let in: the place of the cloud. */
  readonly arrivals: number[] = [];
  /** Whoever was refused, too. */
  readonly calls: { readonly place: number; readonly client: ConnectOptions }[] = [];
  readonly log: string[] = [];
  readonly done: string[] = [];
  /** What the vehicle's cabin was set to. */
  readonly set: unknown[] = [];
  directory: string;
  vehicle: Vehicle | undefined;

  static async begin(): Promise<TwoHomes> {
    if (introduced === undefined) afterThisFile(() => (introduced = undefined));
    introduced ??= introduce();
    const { directory, authority } = await introduced;
    return new TwoHomes(directory, [newCloud(authority), newCloud(authority)]);
  }

  private constructor(introducedIn: string, clouds: readonly [TestCloud, TestCloud]) {
    this.clouds = clouds;
    for (const [place, { hub }] of clouds.entries()) {
      hub.dialect = { ...awsIotDialect, name: dialects[place] ?? '' };
      hub.admits = (client) => {
        this.calls.push({ place, client });
        const isLetIn = this.open[place] === true;
        if (isLetIn) this.arrivals.push(place);
        return isLetIn;
      };
    }
    this.directory = join(temporaryDirectory(), 'vehicle');
    cpSync(introducedIn, this.directory, { recursive: true });
    onTestFinished(() => this.vehicle?.close());
  }

  /** The next life of the vehicle begins. */
  async life(more: Partial<VehicleOptions> = {}): Promise<Vehicle> {
    await this.vehicle?.close();
    const vehicle = Vehicle.open({
      vin,
      directory: this.directory,
      transport: this.clouds[0].hub,
      elsewhere: [this.clouds[1].hub],
      host: hasty,
      telemetry: { flushInterval: 1000 },
      log: (line) => this.log.push(line),
      ...more,
    });
    vehicle.commands.handle('horn-lights.flash', ({ number }) => {
      // Whose power was cut does nothing more.
      if (vehicle === this.vehicle) this.done.push(String(number));
      return undefined;
    });
    vehicle.twin('comfort').onDesired((desired) => {
      this.set.push(desired);
      return desired;
    });
    this.vehicle = vehicle;
    return vehicle;
  }

  /** Another life of what stands on its disk at this moment. */
  async powerCut(): Promise<Vehicle> {
    const left = this.remains();
    const { vehicle } = this;
    this.vehicle = undefined;
    await vehicle?.close();
    this.directory = left;
    return await this.life();
  }

  /** A copy of what stands on its disk. */
  remains(): string {
    const copy = join(temporaryDirectory(), 'copy');
    cpSync(this.directory, copy, { recursive: true, filter: (path) => !/(lock|\.new)$/.test(path) });
    return copy;
  }

  get vehicleId(): string {
    return this.vehicle?.vehicleId ?? '';
  }

  /** What the one cloud says that sends the vehicle to another. */
  notice(to: number, epoch: number): Record<string, unknown> {
    const topics = { ...vehicleTopics(this.vehicleId, ruleNames('test')) };
    return { name: names[to], epoch, dialect: dialects[to], endpoint: `${names[to]}.test`, topics };
  }

  /** From the cloud that is not the destination. */
  send(to: 0 | 1, epoch: number): void {
    this.open[to] = true;
    this.tell(to === 0 ? 1 : 0, this.notice(to, epoch));
  }

  tell(place: 0 | 1, desired: Record<string, unknown>): void {
    this.clouds[place].desire(this.vehicleId, homeTwin, desired);
  }

  takeBack(place: 0 | 1): void {
    const nothing = ['name', 'epoch', 'dialect', 'endpoint', 'topics'].map((key) => [key, null]);
    this.tell(place, Object.fromEntries(nothing));
  }

  command(place: 0 | 1, commandId: string): void {
    const expiresAt = Date.now() + 24 * 3_600_000;
    const order = { commandId, name: 'horn-lights.flash', parameters: { number: commandId }, expiresAt };
    this.clouds[place].command(this.vehicleId, order);
  }

  /** Resolves when the vehicle is online there, in the move of this number. */
  async isIn(place: 0 | 1, epoch: number): Promise<void> {
    await until(
      () =>
        this.vehicle?.presence.status === 'online' &&
        this.arrivals.at(-1) === place &&
        (this.vehicle.home?.epoch ?? 0) === epoch,
      `the vehicle in ${names[place]}`,
    );
  }

  /** Everything that was measured, as often as it arrived: each message counts once, wherever it came. */
  get readings(): number[] {
    const batches = new Map(
      this.clouds.flatMap(({ telemetry }) => telemetry).map((batch) => [batch.sequence, batch] as const),
    );
    return [...batches.values()]
      .flatMap(({ signals }) => signals['Vehicle.TraveledDistance'] ?? [])
      .map(([, value]) => Number(value))
      .sort((one, other) => one - other);
  }
}
