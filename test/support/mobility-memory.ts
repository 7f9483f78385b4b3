import { keyedDigest } from '#functions/adapters/node-crypto/keyed-digest.ts';
import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import { hourLength } from '#shared/sharing/mobility-data/hour.ts';
import type { CityRecord, MobilityRecords } from '#shared/sharing/mobility-data/mobility-book.ts';
import { MobilityIds } from '#shared/sharing/mobility-data/mobility-ids.ts';
import {
  type MobilityReader,
  momentOf,
  type PlacedEvent,
  type Span,
} from '#shared/sharing/mobility-data/mobility-reader.ts';
import type { Device, Told } from '#shared/sharing/mobility-data/told-event.ts';
import type { SystemId } from '#shared/sharing/sharing-id.ts';

/** What is kept for one city, without a table. */
export class MobilityMemory implements MobilityRecords, MobilityReader {
  #city: CityRecord | undefined;
  readonly #devices = new Map<string, Device>();
  readonly #events = new Map<string, PlacedEvent>();
  /** The next write dies before the device is kept. */
  dies = false;

  async city(): Promise<CityRecord | undefined> {
    return this.#city;
  }

  async addCity(_: SystemId, record: CityRecord): Promise<CityRecord> {
    this.#city ??= record;
    return this.#city;
  }

  async device(_: SystemId, vehicleId: string): Promise<Device | undefined> {
    return this.#devices.get(vehicleId);
  }

  async keep({ events, device }: Told): Promise<void> {
    for (const told of events) {
      const key = `${told.vehicleId} ${told.version} ${told.place}`;
      if ((this.#events.get(key)?.told.publishedAt ?? 0) > told.publishedAt) continue;
      this.#events.set(key, { told, moment: momentOf(told.at, this.#idOf(told.vehicleId)) });
    }
    if (this.dies) {
      this.dies = false;
      throw new Error('killed');
    }
    const { vehicleId, version } = device.last;
    if ((this.#devices.get(vehicleId)?.last.version ?? -1) < version) this.#devices.set(vehicleId, device);
  }

  async deviceOf(_: SystemId, deviceId: string): Promise<Device | undefined> {
    return [...this.#devices.values()].find(({ last }) => this.#idOf(last.vehicleId) === deviceId);
  }

  async devices(_: SystemId, { limit, from = '' }: PageRequest): Promise<Page<Device>> {
    const all = [...this.#devices.values()].map((device) => ({ device, id: this.#idOf(device.last.vehicleId) }));
    const found = all.filter(({ id }) => id > from).sort((one, other) => (one.id < other.id ? -1 : 1));
    const items = found.slice(0, limit).map(({ device }) => device);
    const last = found[limit - 1];
    return last === undefined ? { items } : { items, next: last.id };
  }

  async events(_: SystemId, { hour, from = momentOf(hour), to, limit }: Span): Promise<readonly PlacedEvent[]> {
    const end = momentOf(Math.min(to, hour + hourLength));
    const found = [...this.#events.values()].filter(({ moment }) => moment >= from && moment >= momentOf(hour));
    return found
      .filter(({ moment }) => moment < end)
      .sort((one, other) => (one.moment < other.moment ? -1 : 1))
      .slice(0, limit);
  }

  #idOf(vehicleId: string): string {
    return new MobilityIds(keyedDigest(this.#city?.idKey ?? '')).device(vehicleId);
  }
}
