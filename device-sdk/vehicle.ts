import { X509Certificate } from 'node:crypto';
import * as z from 'zod/mini';
import { certificateTwin } from '#shared/vehicle-cloud/certificate-wish.ts';
import { homeTwin } from '#shared/vehicle-cloud/home-notice.ts';
import { endTripCommand, openDoorsCommand, sharingTwin } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { otaTwin } from '#shared/vehicle-cloud/update-envelopes.ts';
import type { Identity } from './certification.ts';
import { CommandMemory } from './command-memory.ts';
import { Commands } from './commands.ts';
import { lockDirectory } from './directory-lock.ts';
import { type Log, type ScopedHost, scoped, thisHost } from './host.ts';
import { Introduction } from './introduction.ts';
import { InventoryReporter } from './inventory.ts';
import { Line, type Presence } from './line.ts';
import { Clouds } from './moving/clouds.ts';
import { Conversations } from './moving/conversations.ts';
import { Departure } from './moving/departure.ts';
import { HomeMemory } from './moving/home-memory.ts';
import { Updates } from './ota/updates.ts';
import { Outbox } from './outbox.ts';
import { Ownership } from './ownership.ts';
import type { CertificateEvent } from './rotation.ts';
import { RotationMemory } from './rotation-memory.ts';
import { Sharing } from './sharing/sharing.ts';
import { openStorage } from './storage.ts';
import { Telemetry } from './telemetry.ts';
import { TrustedTime } from './trusted-time.ts';
import type { Twin } from './twin.ts';
import { type AnyTwinHandler, Twins } from './twins.ts';
import type { VehicleOptions } from './vehicle-options.ts';
import { type Aboard, servicesOf } from './vehicle-services.ts';

export type { Presence } from './line.ts';
export type { VehicleOptions } from './vehicle-options.ts';

/** The cloud wishes that the vehicle gives up this certificate; `topic`: where the next one is registered. */
const certificateWish = z.object({ replace: z.string(), topic: z.optional(z.string()) });

/**
 * A vehicle's client of the cloud: it introduces itself once, keeps its connection, converges its twins,
 * reports telemetry and obeys commands. It works on without a network and catches up.
 *
 * @example
 * const vehicle = Vehicle.open({ directory: '/var/lib/vehicle', vin, claim, transport: awsIot({ host }) });
 * vehicle.commands.handle('doors.lock', async () => doors.lock());
 * vehicle.twin('comfort').onDesired(async (desired) => climate.apply(desired));
 * await vehicle.connect();
 * vehicle.telemetry.record('Vehicle.Speed', 87.5);
 */
export class Vehicle {
  readonly telemetry: Telemetry;
  readonly commands: Commands;
  readonly inventory: InventoryReporter;
  readonly ownership: Ownership;
  /** Present where the vehicle was opened with `updates`. */
  readonly updates: Updates | undefined;
  /** Present where the vehicle was opened with `sharing`. */
  readonly sharing: Sharing | undefined;
  private readonly unlock: () => void;
  private readonly host: ScopedHost;
  private readonly introduction: Introduction;
  private readonly line: Line;
  private readonly memory: CommandMemory;
  private readonly aboard: Aboard;
  private closed = false;

  private constructor(options: VehicleOptions, unlock: () => void) {
    this.unlock = unlock;
    const { directory, vin, claim, transport, elsewhere = [], telemetry, inventory } = options;
    const closed = () => this.closed;
    // What ends because the vehicle is closed is no news.
    const log: Log = (line) => {
      if (!this.closed) options.log?.(line);
    };
    const unscoped = options.host ?? thisHost;
    const host = scoped(unscoped);
    const storage = openStorage(directory);
    const rotations = new RotationMemory(storage);
    const homes = new HomeMemory(storage, rotations);
    const clouds = new Clouds(transport, elsewhere);
    const introduction = new Introduction({
      ...{ storage, homes, log, closed },
      speaks: (identity) => clouds.of(identity) !== undefined,
      options: claim && { vin, claim, transport, storage, host: unscoped, log },
    });
    const time = new TrustedTime(host, log);
    const now = () => time.now();
    const services = servicesOf(() => this.aboard);
    const line = new Line({ introduction, clouds, services, host, log, now, closed });
    const cloudTime = (anew?: boolean) => time.bounds(() => cloud.askTime(), anew);
    const topics = () => introduction.identity?.topics;
    const identity = () => introduction.identity;
    const become = (next: Identity) => line.changeTo(next);
    const cloud = new Conversations({
      ...{ clouds, wire: line, clock: time.clock, memory: rotations, host, log, cloudTime, identity, become },
    });
    const { rollout } = cloud;
    const twins = new Twins({ requests: cloud.twins, storage, host, log });
    cloud.onMoved = () => twins.moved();
    this.host = host;
    this.introduction = introduction;
    this.line = line;
    this.memory = new CommandMemory(storage);
    const telemetryBytes = () => (clouds.of(identity()) ?? clouds.first).dialect.telemetryBytes;
    this.telemetry = new Telemetry(
      {
        outbox: new Outbox(directory, telemetry?.maxBytes ?? 16 * 1024 * 1024, telemetryBytes),
        publish: (payload) => line.publish(topics()?.telemetryTopic, payload),
        host,
        log,
        now,
      },
      telemetry,
    );
    this.commands = new Commands({
      memory: this.memory,
      publish: (payload) => line.publish(topics()?.commandReplyTopic, payload),
      host,
      log,
      cloudTime,
      now,
    });
    this.inventory = new InventoryReporter(
      {
        storage,
        publish: (payload) => line.publish(topics()?.inventoryTopic, payload),
        log,
        now,
        cloudTime,
        rxswins: () => this.updates && (this.updates.rxswins ?? {}),
      },
      inventory,
    );
    this.ownership = new Ownership({
      publish: (payload) => line.publish(topics()?.claimCodeRequestTopic, payload),
      ...{ host, log, cloudTime, now },
    });
    this.updates =
      options.updates &&
      new Updates({
        ...{ settings: options.updates, storage, inventory, cloudTime, host, log, now },
        rollout,
        publish: (payload) => line.publish(topics()?.updateReportTopic, payload),
        vehicleId: () => introduction.identity?.vehicleId ?? '',
        reportInventory: (onBoard) => this.inventory.report(onBoard),
      });
    this.sharing =
      options.sharing &&
      new Sharing({
        ...{ settings: options.sharing, storage, cloudTime, host, log },
        publish: (payload) => line.publish(topics()?.sharingReportTopic, payload),
        isHeard: () => topics()?.sharingReportTopic !== undefined,
        vehicleId: () => introduction.identity?.vehicleId,
        isDrivable: () => this.updates === undefined || (this.updates.isSafe && !this.updates.isInstalling),
      });
    const { telemetry: readings, commands, inventory: software, ownership, updates, sharing } = this;
    const departure = clouds.areSeveral
      ? new Departure({
          ...{ memory: homes, clouds, cloud, identity, become, cloudTime, host, log },
          mustStay: () => updates?.isInstalling === true || sharing?.trip !== undefined,
        })
      : undefined;
    this.aboard = {
      ...{ cloud, twins, telemetry: readings, commands, inventory: software, ownership, updates, sharing, departure },
      ...{ time, identity, log },
    };
    this.listen(this.aboard);
  }

  /**
   * Reads the vehicle's memory; needs no network.
   *
   * @throws DirectoryInUse where another process runs the vehicle
   * @throws UnreadableIdentity
   */
  static open(options: VehicleOptions): Vehicle {
    const unlock = locked(options);
    try {
      return new Vehicle(options, unlock);
    } catch (error) {
      unlock();
      throw error;
    }
  }

  /** Undefined until the vehicle is provisioned. */
  get vehicleId(): string | undefined {
    return this.introduction.identity?.vehicleId;
  }

  /** The cloud that the vehicle was sent to, and its how manieth move that was; undefined where it was introduced. */
  get home(): { readonly name: string; readonly epoch: number } | undefined {
    const { home } = this.introduction.identity ?? {};
    return home && { name: home.name, epoch: home.epoch };
  }

  get presence(): Presence {
    return this.line.presence;
  }

  /** Tells of each change of `presence`. */
  onPresence(listener: (presence: Presence) => void): this {
    this.line.onPresence(listener);
    return this;
  }

  /** The present time, ms since the Unix epoch: the own clock, corrected by what is certain of the cloud's. */
  now(): number {
    return this.aboard.time.now();
  }

  /**
   * Gets the vehicle its identity, where it has none.
   *
   * @throws ProvisioningRefused where the cloud does not let it in
   */
  async provision(): Promise<Identity> {
    return await this.introduction.provision();
  }

  /**
   * Provisions where needed, connects, and resolves when the vehicle is online. From then on it reconnects
   * by itself, with growing and jittered pauses.
   */
  async connect(): Promise<void> {
    await this.updates?.ready();
    await this.line.open();
  }

  /** With what the vehicle proves who it is; undefined until it is provisioned. `expiresAt`: ms since the Unix epoch. */
  get certificate(): { readonly certificateId: string; readonly expiresAt: number } | undefined {
    const { identity } = this.introduction;
    if (identity === undefined) return undefined;
    const expiresAt = Date.parse(new X509Certificate(identity.certificatePem).validTo);
    return { certificateId: identity.certificateId, expiresAt };
  }

  /** Tells of each change of the certificate, and of each that failed. */
  onCertificate(listener: (event: CertificateEvent) => void): this {
    this.aboard.cloud.onCertificate(listener);
    return this;
  }

  /**
   * Changes the certificate now: a vehicle does so by itself before its certificate expires. Resolves when it is
   * online with the new one.
   *
   * @throws ProvisioningRefused where the cloud does not let it
   * @throws Error where it changes nobody's certificate
   */
  async rotateCertificate(): Promise<void> {
    const { rotation } = this.aboard.cloud;
    if (rotation === undefined) throw new Error('this cloud changes no certificates');
    await rotation.rotate();
  }

  /**
   * The document of this name that the vehicle shares with the cloud.
   *
   * @example vehicle.twin('comfort').onDesired(async (desired) => climate.apply(desired));
   */
  twin(name: string): Twin {
    return this.aboard.twins.twin(name);
  }

  /**
   * Handles the wishes of every twin, also of ones that only the cloud knows yet. Their names are kept, so
   * that they are asked for after a restart.
   */
  onAnyTwin(handler: AnyTwinHandler): this {
    this.aboard.twins.onAny(handler);
    return this;
  }

  /** Lets go of the connection and of the files. What was not sent stays for the next time. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.ownership.close();
    this.commands.close();
    this.updates?.close();
    await this.sharing?.close();
    this.aboard.cloud.rotation?.close();
    await this.line.close();
    this.host.cancelAll();
    this.memory.save();
    this.telemetry.close();
    this.unlock();
  }

  /** What the platform itself says in twins and commands. */
  private listen({ twins, cloud, commands, updates, sharing, departure }: Aboard): void {
    if (cloud.mayRotate) twins.twin(certificateTwin).onDesired((desired) => this.obey(desired));
    if (sharing !== undefined) {
      twins.twin(sharingTwin).onDesired((desired) => sharing.desired(desired));
      commands.handle(endTripCommand, (parameters) => sharing.endByOrder(parameters));
      commands.handle(openDoorsCommand, (parameters) => sharing.openByOrder(parameters));
      sharing.onChange(() => departure?.wake());
    }
    if (updates !== undefined) {
      const twin = twins.twin(otaTwin).onDesired((desired) => updates.desired(desired));
      twin.onTakenBack((isGone) => (isGone('offer') ? updates.desired({ offer: null }) : undefined));
      updates.onResult(() => departure?.wake());
    }
    const { onDelta } = cloud.twins;
    cloud.twins.onDelta = (name, view) => {
      if (name === homeTwin && departure !== undefined) departure.told();
      else onDelta(name, view);
    };
  }

  /** The cloud asked for another certificate. Told twice or late, it is done already. */
  private async obey(desired: unknown) {
    const { rotation } = this.aboard.cloud;
    const { replace, topic } = certificateWish.parse(desired);
    if (rotation === undefined) throw new Error('this cloud changes no certificates');
    if (this.certificate?.certificateId === replace) await rotation.rotate(topic);
    return { replace };
  }
}

function locked({ directory, log }: VehicleOptions): () => void {
  try {
    return lockDirectory(directory, (holder) => `Process ${holder} runs a vehicle in ${directory} already.`);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    log?.('the disk has no room for a lock: nothing keeps a second process out');
    return () => {};
  }
}
