import { CommandMemory } from './command-memory.ts';
import { Commands } from './commands.ts';
import { lockDirectory } from './directory-lock.ts';
import { Doubt } from './doubt.ts';
import { type Host, type Log, reasonOf, type ScopedHost, scoped, thisHost } from './host.ts';
import { type Inventory, InventoryReporter } from './inventory.ts';
import { Outbox } from './outbox.ts';
import {
  type Claim,
  confirmIdentity,
  type Identity,
  identityConfirmed,
  type ProvisioningOptions,
  provision,
  provisionAgain,
  storedIdentity,
} from './provisioning.ts';
import { ShadowRequests, shadowFilters } from './shadow.ts';
import { openStorage, type Storage } from './storage.ts';
import { Telemetry, type TelemetrySettings } from './telemetry.ts';
import type { Connection, Transport } from './transport.ts';
import { TrustedTime } from './trusted-time.ts';
import type { Twin } from './twin.ts';
import { type AnyTwinHandler, Twins } from './twins.ts';

export interface VehicleOptions {
  /** The vehicle's own memory: identity, outbox, commands. One directory a vehicle, used by one process. */
  readonly directory: string;
  /** Said to the cloud once, at provisioning. */
  readonly vin: string;
  readonly transport: Transport;
  /** Needed until the vehicle was online for the first time. */
  readonly claim?: Claim;
  readonly inventory?: Inventory;
  readonly telemetry?: TelemetrySettings & {
    /** Bytes of disk that unsent readings may take; default 16 MiB. */
    readonly maxBytes?: number;
  };
  readonly log?: Log;
  readonly host?: Host;
}

/** Whether the cloud can be reached, since when (ms since the Unix epoch), and why not. */
export type Presence =
  | { readonly status: 'online'; readonly since: number }
  | { readonly status: 'offline'; readonly since: number; readonly reason: string };

/** Seconds for which the cloud keeps what came for a vehicle in a tunnel. */
const sessionExpiry = 3600;
/** Milliseconds before a refused subscription is asked for again. */
const resubscribePause = 10_000;
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
  private readonly options: VehicleOptions;
  private readonly unlock: () => void;
  private readonly storage: Storage;
  private readonly host: ScopedHost;
  private readonly log: Log;
  private readonly time: TrustedTime;
  private readonly memory: CommandMemory;
  private readonly requests: ShadowRequests;
  private readonly twins: Twins;
  private doubt: Doubt;
  private readonly listeners: ((presence: Presence) => void)[] = [];
  private readonly awaiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  private current: Identity | undefined;
  private connection: Connection | undefined;
  /** Rises with each connection, so that what began under an older one knows. */
  private era = 0;
  private subscribed = false;
  private renewing = false;
  private closed = false;
  private state: Presence;

  private constructor(options: VehicleOptions, unlock: () => void) {
    this.unlock = unlock;
    const { directory, telemetry, inventory } = options;
    // What ends because the vehicle is closed is no news.
    const log: Log = (line) => {
      if (!this.closed) options.log?.(line);
    };
    const host = scoped(options.host ?? thisHost);
    this.options = options;
    this.host = host;
    this.log = log;
    this.storage = openStorage(directory);
    this.state = { status: 'offline', since: host.now(), reason: 'not connected yet' };
    this.current = storedIdentity(this.storage);
    this.doubt = new Doubt(identityConfirmed(this.storage));
    const { storage } = this;
    const time = new TrustedTime(host, log);
    const now = () => time.now();
    const cloudTime = () => time.bounds(this.requests);
    const publish = (payload: string, topic: string | undefined) => this.publish(topic, payload);
    this.time = time;
    this.memory = new CommandMemory(storage);
    this.requests = new ShadowRequests(
      () => this.current?.topics.shadowTopicPrefix ?? '',
      { publish: (topic, payload) => this.publish(topic, payload) },
      time.clock,
      host,
    );
    this.twins = new Twins({ requests: this.requests, storage, host, log });
    this.telemetry = new Telemetry(
      {
        outbox: new Outbox(directory, telemetry?.maxBytes ?? 16 * 1024 * 1024),
        publish: (payload) => publish(payload, this.current?.topics.telemetryTopic),
        host,
        log,
        now,
      },
      telemetry,
    );
    this.commands = new Commands({
      memory: this.memory,
      publish: (payload) => publish(payload, this.current?.topics.commandReplyTopic),
      host,
      log,
      cloudTime,
      now,
    });
    this.inventory = new InventoryReporter(
      { storage, publish: (payload) => publish(payload, this.current?.topics.inventoryTopic), log, now, cloudTime },
      inventory,
    );
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
    return this.current?.vehicleId;
  }

  get presence(): Presence {
    return this.state;
  }

  /** Tells of each change of `presence`. */
  onPresence(listener: (presence: Presence) => void): this {
    this.listeners.push(listener);
    return this;
  }

  /** The present time, ms since the Unix epoch: the own clock, corrected by what is certain of the cloud's. */
  now(): number {
    return this.time.now();
  }

  /**
   * Gets the vehicle its identity, where it has none.
   *
   * @throws ProvisioningRefused where the cloud does not let it in
   */
  async provision(): Promise<Identity> {
    if (this.current !== undefined) return this.current;
    const options = this.introduction();
    if (options === undefined) throw new Error('the vehicle is not provisioned and has no claim');
    this.current = await provision(options);
    return this.current;
  }

  /**
   * Provisions where needed, connects, and resolves when the vehicle is online. From then on it reconnects
   * by itself, with growing and jittered pauses.
   */
  async connect(): Promise<void> {
    const identity = await this.provision();
    if (this.closed) throw new Error('the vehicle was closed');
    const online = new Promise<void>((resolve, reject) => this.awaiting.push({ resolve, reject }));
    this.connection ??= this.dial(identity);
    if (this.state.status === 'online') this.arrived();
    await online;
  }

  /**
   * The document of this name that the vehicle shares with the cloud.
   *
   * @example vehicle.twin('comfort').onDesired(async (desired) => climate.apply(desired));
   */
  twin(name: string): Twin {
    return this.twins.twin(name);
  }

  /**
   * Handles the wishes of every twin, also of ones that only the cloud knows yet. Their names are kept, so
   * that they are asked for after a restart.
   */
  onAnyTwin(handler: AnyTwinHandler): this {
    this.twins.onAny(handler);
    return this;
  }

  /** Lets go of the connection and of the files. What was not sent stays for the next time. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.disconnected('closed');
    for (const { reject } of this.awaiting.splice(0)) reject(new Error('the vehicle was closed'));
    await this.connection?.close();
    this.host.cancelAll();
    this.memory.save();
    this.telemetry.close();
    this.unlock();
  }

  private introduction(): ProvisioningOptions | undefined {
    const { claim, vin, transport, host = thisHost } = this.options;
    return claim && { vin, claim, transport, storage: this.storage, host, log: this.log };
  }

  private dial(identity: Identity): Connection {
    const { vehicleId, certificatePem, privateKeyPem } = identity;
    // What a connection under a former identity still has to say is no news.
    const unlessFormer =
      <Said extends unknown[]>(hear: (...said: Said) => void) =>
      (...said: Said): void => {
        if (this.current === identity) hear(...said);
      };
    return this.options.transport.connect(
      { clientId: vehicleId, certificatePem, privateKeyPem, sessionExpiry },
      {
        connected: unlessFormer(({ sessionPresent }) => this.connected(identity, sessionPresent)),
        disconnected: unlessFormer((reason) => this.disconnected(reason)),
        refused: unlessFormer((reason, denied) => this.refused(identity, reason, denied)),
        message: unlessFormer((topic, payload) => this.message(topic, payload)),
      },
    );
  }

  private refused(identity: Identity, reason: string, denied: boolean): void {
    this.log(`not connected: ${reason}`);
    if (denied && !this.closed && this.doubt.refused(this.host.monotonic())) void this.introduceAgain(identity);
  }

  /** The cloud has the last word: it lets nobody in anew who was online, is suspended or retired. */
  private async introduceAgain(former: Identity): Promise<void> {
    const options = this.introduction();
    if (options === undefined || this.renewing) return;
    this.renewing = true;
    try {
      this.log('the cloud has never accepted this certificate: asking for another');
      const identity = await provisionAgain({ ...options, storage: this.storageWhileOpen() }, former);
      const { connection } = this;
      this.disconnected('another certificate');
      this.connection = undefined;
      this.current = identity;
      this.doubt = new Doubt(false);
      await connection?.close();
      if (!this.closed) this.connection ??= this.dial(identity);
    } catch (error) {
      this.log(`no other certificate: ${reasonOf(error)}`);
    } finally {
      this.renewing = false;
    }
  }

  /** The directory of a closed vehicle may be another's: what comes too late is asked for again. */
  private storageWhileOpen(): Storage {
    const { storage } = this;
    return {
      ...storage,
      write: (name, value) => {
        if (this.closed) throw new Error('the vehicle was closed');
        storage.write(name, value);
      },
    };
  }

  private connected(identity: Identity, sessionPresent: boolean): void {
    if (this.closed) return;
    this.confirm(identity);
    this.era += 1;
    // The first time also where the session is there: another version of this software may have left it.
    this.subscribed &&= sessionPresent;
    void this.arrive(this.era);
  }

  private confirm(identity: Identity): void {
    if (!this.doubt.dispel()) return;
    try {
      confirmIdentity(this.storage, identity);
    } catch (error) {
      this.log(`the identity is not noted as confirmed: ${reasonOf(error)}`);
    }
  }

  private async arrive(era: number): Promise<void> {
    try {
      const { connection, current } = this;
      if (connection === undefined || current === undefined) return;
      const { commandTopic, shadowTopicPrefix } = current.topics;
      if (!this.subscribed) await connection.subscribe([commandTopic, ...shadowFilters(shadowTopicPrefix)]);
    } catch (error) {
      if (era !== this.era || this.closed) return;
      this.log(`not subscribed: ${reasonOf(error)}`);
      this.host.after(resubscribePause, () => {
        if (era === this.era && !this.closed) void this.arrive(era);
      });
      return;
    }
    if (era !== this.era || this.closed) return;
    this.subscribed = true;
    this.become({ status: 'online', since: this.now() });
    this.twins.connected();
    this.telemetry.connected();
    void this.quietly(this.commands.connected());
    void this.quietly(this.inventory.connected());
    this.arrived();
  }

  private arrived(): void {
    for (const { resolve } of this.awaiting.splice(0)) resolve();
  }

  private disconnected(reason: string): void {
    this.era += 1;
    // The unit may have slept while its counter stood still.
    this.time.clock.forget();
    this.twins.disconnected();
    this.telemetry.disconnected();
    this.commands.disconnected();
    this.inventory.disconnected();
    this.requests.abandon();
    if (this.state.status === 'online') this.become({ status: 'offline', since: this.now(), reason });
  }

  private become(presence: Presence): void {
    this.state = presence;
    for (const listener of this.listeners) {
      try {
        listener(presence);
      } catch (error) {
        // Whoever only wants to know must not keep the vehicle from going on.
        this.log(`a listener to presence: ${reasonOf(error)}`);
      }
    }
  }

  private message(topic: string, payload: Uint8Array): void {
    if (this.closed) return;
    try {
      if (topic === this.current?.topics.commandTopic) this.commands.receive(payload);
      else if (!this.requests.receive(topic, payload)) this.log(`a message on ${topic}, which nobody handles`);
    } catch (error) {
      // A full disk, for instance: no message may bring the vehicle down.
      this.log(`a message on ${topic}: ${reasonOf(error)}`);
    }
  }

  /** What belongs to one connection ends with it; that is no error. */
  private async quietly(work: Promise<void>): Promise<void> {
    const { era } = this;
    try {
      await work;
    } catch (error) {
      if (era === this.era) this.log(reasonOf(error));
    }
  }

  private async publish(topic: string | undefined, payload: string): Promise<void> {
    if (this.connection === undefined || topic === undefined || this.closed) throw new Error('not connected');
    await this.connection.publish(topic, payload);
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
