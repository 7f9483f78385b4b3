import { Failure } from '#shared/kernel/failure.ts';
import type { HomeName } from '#shared/registry/home.ts';
import type { HomeCloud } from '#shared/registry/move-ports.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { canonical, isSettings, merged, type Settings } from '#shared/twins/twin.ts';
import type { CommandRequest } from '#shared/vehicle-cloud/envelopes.ts';
import { homeTwin } from '#shared/vehicle-cloud/home-notice.ts';

interface Identity {
  readonly epoch: number;
  isOpen: boolean;
  readonly desired: Map<string, { settings: Settings; stamps: Settings; order: number }>;
  readonly queue: CommandRequest[];
}

/** One vehicle's device cloud, in memory. */
export class ModelCloud {
  readonly name: HomeName;
  identity: Identity | undefined;
  readonly #now: () => number;

  constructor(name: HomeName, now: () => number) {
    this.name = name;
    this.#now = now;
  }

  open(epoch: number): void {
    if (this.identity === undefined || this.identity.epoch < epoch) {
      this.identity = { epoch, isOpen: true, desired: new Map(), queue: [] };
    } else this.identity.isOpen ||= this.identity.epoch === epoch;
  }

  /** Merges, unless what was said in a later order stands there. */
  desire(epoch: number, name: string, patch: Settings | null, order = 0): void {
    const identity = this.#require(epoch);
    const known = identity.desired.get(name) ?? { settings: {}, stamps: {}, order: 0 };
    if (order < known.order) return;
    if (patch === null) identity.desired.delete(name);
    else {
      const stamps = merged(known.stamps, stampsOf(patch, this.#now()));
      identity.desired.set(name, { settings: merged(known.settings, patch), stamps, order });
    }
  }

  desiredIn(name: string): Settings {
    return this.identity?.desired.get(name)?.settings ?? {};
  }

  send(epoch: number, request: CommandRequest): void {
    this.#require(epoch).queue.push(request);
  }

  /** @param fuse called around each step, where it may blow */
  at(epoch: number, fuse: <T>(act: () => T) => Promise<T>): HomeCloud {
    const isIts = () => this.identity !== undefined && this.identity.epoch <= epoch;
    const revision = (name: string) => canonical(this.desiredIn(name));
    return {
      twins: {
        load: (_, name) =>
          fuse(() => {
            const known = this.identity?.desired.get(name);
            if (known === undefined) return undefined;
            const { settings: desired, stamps: desiredAt } = known;
            return { desired, desiredAt, reported: {}, reportedAt: {}, revision: revision(name) };
          }),
        patchDesired: (_, name, patch, seen) =>
          fuse(() => {
            if (seen !== undefined && revision(name) !== seen) return false;
            this.desire(epoch, name, patch);
            return true;
          }),
      },
      commands: {
        send: (_, request) =>
          fuse(() => {
            this.send(epoch, request);
            return undefined;
          }),
      },
      twinNames: () => fuse(() => [...(this.identity?.desired.keys() ?? [])]),
      certificateOf: () => fuse(() => 'pem'),
      letIn: () => fuse(() => this.open(epoch)),
      notice: () => fuse(() => ({ name: this.name, epoch, dialect: 'model', endpoint: `${this.name}.test` })),
      shutOut: () =>
        fuse(() => {
          if (this.identity !== undefined && isIts()) this.identity.isOpen = false;
        }),
      forget: () =>
        fuse(() => {
          if (isIts()) this.identity = undefined;
        }),
    };
  }

  #require(epoch: number): Identity {
    if (this.identity !== undefined && this.identity.epoch <= epoch) return this.identity;
    throw new Failure('conflict', 'vehicle-not-provisioned', 'The device cloud does not know the vehicle.');
  }
}

function stampsOf(patch: Settings, at: number): Settings {
  const stamp = (value: unknown) => (isSettings(value) ? stampsOf(value, at) : value === null ? null : at);
  return Object.fromEntries(Object.entries(patch).map(([key, value]) => [key, stamp(value)]));
}

/** What a vehicle's cloud hears of it. */
export interface VehicleNews {
  connection(kind: 'connected' | 'disconnected', from: ModelCloud, epoch: number): void;
  reply(request: CommandRequest): void;
  reading(value: number, from: ModelCloud, epoch: number): void;
}

/** A vehicle that goes where it is told, and back where it came from while it is let in nowhere else. */
export class ModelVehicle {
  readonly vehicleId: VehicleId;
  readonly done: string[] = [];
  readonly outbox: number[] = [];
  /** Those in which it may be at home, the one that it tries first in front. */
  #homes: { readonly cloud: ModelCloud; readonly epoch: number }[];
  #connectedTo: Identity | undefined;
  readonly #clouds: readonly ModelCloud[];
  readonly #news: VehicleNews;

  constructor(vehicleId: VehicleId, clouds: readonly ModelCloud[], news: VehicleNews) {
    this.vehicleId = vehicleId;
    this.#clouds = clouds;
    this.#news = news;
    this.#homes = clouds.slice(0, 1).map((cloud) => ({ cloud, epoch: 0 }));
  }

  /** A moment of its life. */
  live(): void {
    const [home] = this.#homes;
    if (home === undefined) return;
    const { cloud, epoch } = home;
    const { identity } = cloud;
    if (identity === undefined || !identity.isOpen || identity.epoch !== epoch) {
      this.#gone(cloud, epoch);
      this.#homes = [...this.#homes.slice(1), home];
      return;
    }
    if (this.#connectedTo !== identity) this.#news.connection('connected', cloud, epoch);
    this.#connectedTo = identity;
    for (const request of identity.queue.splice(0)) {
      if (!this.done.includes(request.commandId)) this.done.push(request.commandId);
      this.#news.reply(request);
    }
    for (const value of this.outbox.splice(0)) this.#news.reading(value, cloud, epoch);
    this.#obey(cloud, epoch);
  }

  #obey(cloud: ModelCloud, epoch: number): void {
    const notice = cloud.desiredIn(homeTwin);
    const target = this.#clouds.find(({ name }) => name === notice['name']);
    const told = notice['epoch'];
    if (target === undefined || typeof told !== 'number' || told <= epoch) return;
    this.#gone(cloud, epoch);
    this.#homes = [
      { cloud: target, epoch: told },
      { cloud, epoch },
    ];
  }

  #gone(cloud: ModelCloud, epoch: number): void {
    if (this.#connectedTo !== undefined) this.#news.connection('disconnected', cloud, epoch);
    this.#connectedTo = undefined;
  }
}
