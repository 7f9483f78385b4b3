import type { Command } from '#shared/commands/command.ts';
import { commandIdOf, isFinal, requestOf } from '#shared/commands/command.ts';
import { UnansweredCommands } from '#shared/commands/unanswered-commands.ts';
import { FleetService } from '#shared/registry/fleet-service.ts';
import { firstHome, type Home, homeName, homeOf } from '#shared/registry/home.ts';
import { keeping, type Obstacle, quiet, sentTo } from '#shared/registry/move.ts';
import { MoveWorker, type MoveWorkerPorts } from '#shared/registry/move-worker.ts';
import type { Presence, PresenceEvent } from '#shared/registry/presence.ts';
import type { Vehicle } from '#shared/registry/vehicle.ts';
import type { Copied } from '#shared/twins/wish-copy.ts';
import { judged } from '#shared/vehicle-cloud/posted-event.ts';
import { aCertificate, anOperationId, aVehicle } from '../contract/samples.ts';
import { ModelCloud, ModelVehicle } from './two-clouds.ts';

const second = 1_000;
export const elsewhere = homeName('elsewhere');

/** Blows in the place it is set to, before or after what happens there. */
class Fuse {
  blowsAt = Number.POSITIVE_INFINITY;
  isAfter = false;
  places = 0;
  /** What others do at that moment, in place of its blowing. */
  meanwhile: (() => Promise<unknown>) | undefined;

  readonly around = async <T>(act: () => T): Promise<T> => {
    const isPlace = this.places++ === this.blowsAt;
    if (isPlace) await this.meanwhile?.();
    const blows = isPlace && this.meanwhile === undefined;
    if (blows && !this.isAfter) throw new Error('died');
    const result = act();
    if (blows) throw new Error('died');
    return result;
  };
}

/** A vehicle, two device clouds and the platform, all in memory, with everything that is on its way to be looked at. */
export class MovingScene {
  now = 1_000_000;
  vehicle: Vehicle = aVehicle({ lifeCycle: { status: 'active', certificate: aCertificate() } });
  presence: Presence | undefined;
  obstacle: Obstacle | undefined;
  isParked = false;
  /** Whether what the device clouds say of connections is still on its way. */
  hold = false;
  readonly fuse = new Fuse();
  readonly clouds = [firstHome, elsewhere].map((name) => new ModelCloud(name, () => this.now));
  readonly commands = new Map<string, Command>();
  readonly readings: number[] = [];
  readonly car: ModelVehicle;
  readonly workerPorts: MoveWorkerPorts;
  readonly worker: MoveWorker;
  /** What the platform itself wants to stand in the twin `ota`, and what of it is on its way. */
  offer = 0;
  readonly #orders: { readonly at: number; readonly home: Home; readonly offer: number }[] = [];
  readonly #events: PresenceEvent[] = [];
  readonly #copies = new Map<number, Map<string, Copied>>();
  readonly #homes: Home[] = [];
  readonly #fleet: FleetService;
  #count = 0;
  #sessions = 0;

  constructor() {
    const clock = { now: () => this.now };
    this.clouds[0]?.open(0);
    const vehicles = {
      load: async () => this.vehicle,
      save: (next: Vehicle, seen: number) =>
        this.fuse.around(() => {
          if (this.vehicle.version !== seen) return false;
          this.vehicle = next;
          return true;
        }),
    };
    const never = () => Promise.reject(new Error('not part of the story'));
    this.#fleet = new FleetService({
      vehicles: { ...vehicles, ...{ erased: never, findByVin: never, register: never, search: never } },
      presences: {
        loadMany: never,
        load: async () => this.presence,
        save: async (next) => {
          this.presence = next;
          return true;
        },
      },
      inventories: { load: never, save: never },
      clock,
    });
    this.car = new ModelVehicle(this.vehicle.vehicleId, this.clouds, {
      connection: (kind, cloud, epoch) => this.#events.push(this.#eventOf(kind, cloud, epoch)),
      reply: ({ commandId }) => this.#replied(commandId),
      reading: (value, cloud, epoch) => this.#read(value, cloud, epoch),
    });
    this.workerPorts = {
      vehicles,
      clouds: ({ name, epoch }) => this.#cloud(name)?.at(epoch, this.fuse.around),
      copies: {
        load: async (_, epoch) => new Map(this.#copies.get(epoch)),
        save: (_, epoch, name, copy) =>
          this.fuse.around(() => {
            this.#copies.set(epoch, new Map(this.#copies.get(epoch)).set(name, copy));
          }),
        clear: (_, epoch) => this.fuse.around(() => void this.#copies.delete(epoch)),
      },
      unanswered: new UnansweredCommands(
        {
          recent: async () => ({ items: [...this.commands.values()].reverse() }),
          markSent: (command) => this.fuse.around(() => this.#become(command, { status: 'sent', sentAt: this.now })),
        },
        clock,
      ),
      word: { sayAgain: () => this.fuse.around(() => this.say(0)) },
      obstacles: { of: async () => this.obstacle },
      clock,
    };
    this.worker = new MoveWorker(this.workerPorts);
  }

  send(to: Home['name']): void {
    this.vehicle = sentTo(this.vehicle, to, undefined, this.now);
  }

  /** @param lag how many moments ago whoever issues it has looked up where the vehicle is at home */
  command(lag: number): void {
    const commandId = commandIdOf({ operationId: anOperationId(), startedAt: this.now });
    const { vehicleId } = this.vehicle;
    const command: Command = {
      ...{ commandId, vehicleId, name: 'doors.lock', parameters: {}, issuedBy: 'client' },
      ...{ issuedAt: this.now, expiresAt: this.now + 900 * second, state: { status: 'accepted' } },
    };
    this.commands.set(commandId, command);
    this.#leniently(({ name, epoch }) => this.#cloud(name)?.send(epoch, requestOf(command)), lag);
  }

  wish(key: string, lag: number): void {
    this.#leniently(
      ({ name, epoch }) => this.#cloud(name)?.desire(epoch, 'comfort', { deep: { [key]: this.now } }),
      lag,
    );
  }

  /** The platform says what it has to say; it arrives after so many moments, whatever has become of the vehicle. */
  say(delay: number): void {
    this.#orders.push({ at: this.now + delay * second, home: homeOf(this.vehicle), offer: this.offer });
  }

  /** A second passes for everybody. @returns whether the worker has died in it */
  async moment(): Promise<boolean> {
    this.now += second;
    this.#homes.push(homeOf(this.vehicle));
    for (const order of this.#orders.splice(0)) {
      if (order.at > this.now) this.#orders.push(order);
      else {
        const desired = { offer: order.offer };
        this.#forgiven(() => this.#cloud(order.home.name)?.desire(order.home.epoch, 'ota', desired, order.offer));
      }
    }
    if (!this.isParked) this.car.live();
    const events = this.hold ? [] : this.#events.splice(0);
    for (const event of [...events, ...events.reverse()]) await this.#fleet.observe(event).catch(isDeath);
    return this.worker.goOn(this.vehicle.vehicleId).then(() => false, isDeath);
  }

  /** Everything that is under way comes to its end. */
  async end(): Promise<void> {
    for (let moments = 0; moments < 12; moments += 1) await this.moment();
    this.now += quiet;
    for (let moments = 0; moments < 6; moments += 1) await this.moment();
    this.now += keeping;
    for (let moments = 0; moments < 6; moments += 1) await this.moment();
  }

  get unanswered(): readonly string[] {
    return [...this.commands.values()].filter(({ state }) => !isFinal(state)).map(({ commandId }) => commandId);
  }

  #cloud(name: Home['name']): ModelCloud | undefined {
    return this.clouds.find((cloud) => cloud.name === name);
  }

  /** What an identity that is gone refuses its client hears of, and says it again. */
  #leniently(act: (home: Home) => void, lag: number): void {
    const home = this.#homes.at(-lag - 1) ?? homeOf(this.vehicle);
    this.#forgiven(() => act(home));
  }

  #forgiven(act: () => void): void {
    try {
      act();
    } catch {
      // Refused, and known to be.
    }
  }

  #replied(commandId: string): void {
    const command = this.commands.get(commandId);
    if (command !== undefined) this.#become(command, { status: 'succeeded', completedAt: this.now });
  }

  #become(command: Command, state: Command['state']): boolean {
    const known = this.commands.get(command.commandId);
    if (known === undefined || isFinal(known.state)) return false;
    this.commands.set(command.commandId, { ...known, state });
    return true;
  }

  #read(value: number, { name }: ModelCloud, epoch: number): void {
    if (name !== firstHome) {
      const event = { vehicleId: this.vehicle.vehicleId, channel: 'telemetry', epoch, at: this.now } as const;
      const { kind } = judged({ ...event, source: '0', sequence: value, payload: '' }, name, this.vehicle);
      if (kind !== 'taken') return;
    }
    this.readings.push(value);
  }

  #eventOf(kind: PresenceEvent['kind'], { name }: ModelCloud, epoch: number): PresenceEvent {
    const { vehicleId } = this.vehicle;
    this.#count += 1;
    if (name !== firstHome) {
      const sequence = String(this.#count).padStart(8, '0');
      return { vehicleId, kind, at: this.now, home: { name, epoch }, sequence };
    }
    if (kind === 'connected') this.#sessions += 1;
    const connection = this.#sessions;
    return { vehicleId, kind, at: this.now, sessionId: `s${connection}`, connection, certificateId: 'cert-1' };
  }
}

function isDeath(error: unknown): true {
  if (error instanceof Error && error.message === 'died') return true;
  throw error;
}
