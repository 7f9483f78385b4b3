import type { Update } from '#shared/ota/updates/update.ts';
import type { UpdateRepository } from '#shared/ota/updates/update-repository.ts';

/** Updates of vehicles without a table, with the conditions of one. */
export class MemoryUpdates implements UpdateRepository {
  readonly kept = new Map<string, Update>();

  load: UpdateRepository['load'] = async (vehicleId, campaignId) => this.kept.get(`${vehicleId} ${campaignId}`);

  ofVehicle: UpdateRepository['ofVehicle'] = async (vehicleId) =>
    [...this.kept.values()].filter((one) => one.vehicleId === vehicleId);

  add: UpdateRepository['add'] = async (update) => {
    if (this.#find(update) !== undefined) return false;
    this.#put(update);
    return true;
  };

  save: UpdateRepository['save'] = async (update, seen) => {
    if (this.#find(update)?.version !== seen) return false;
    this.#put(update);
    return true;
  };

  claim: UpdateRepository['claim'] = async (update, seen, others) => {
    const unchanged = others.every((other) => this.#find(other)?.version === other.version);
    if (!unchanged || this.#find(update)?.version !== seen) return false;
    this.#put(update);
    for (const other of others) this.#put({ ...other, version: other.version + 1 });
    return true;
  };

  enlisted: UpdateRepository['enlisted'] = async () => ({ vehicles: [] });

  #find({ vehicleId, campaignId }: Update): Update | undefined {
    return this.kept.get(`${vehicleId} ${campaignId}`);
  }

  #put(update: Update): void {
    this.kept.set(`${update.vehicleId} ${update.campaignId}`, update);
  }
}
