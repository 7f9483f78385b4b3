import type { Clock } from '../kernel/clock.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import { type Copied, followed } from '../twins/wish-copy.ts';
import { certificateTwin } from '../vehicle-cloud/certificate-wish.ts';
import { homeTwin } from '../vehicle-cloud/home-notice.ts';
import type { HomeCloud, WishCopies } from './move-ports.ts';
import type { VehicleId } from './vehicle-id.ts';

/** What is said in them is of the home in which it is said. */
const staying: readonly string[] = [homeTwin, certificateTwin];

/** Brings what is desired of a vehicle to where it is going, and whatever is desired in the former place after that. */
export class TwinMover {
  readonly #copies: WishCopies;
  readonly #clock: Clock;

  constructor(copies: WishCopies, clock: Clock) {
    this.#copies = copies;
    this.#clock = clock;
  }

  /** @param epoch of the move */
  async follow(vehicleId: VehicleId, former: HomeCloud, next: HomeCloud, epoch: number): Promise<void> {
    const copies = await this.#copies.load(vehicleId, epoch);
    const names = new Set([...(await former.twinNames(vehicleId)), ...copies.keys()]);
    for (const name of names) {
      if (!staying.includes(name)) await this.#followOne(vehicleId, name, former, next, epoch);
    }
  }

  async #followOne(vehicleId: VehicleId, name: string, former: HomeCloud, next: HomeCloud, epoch: number) {
    await untilSaved(async () => {
      const [copies, source, present] = await Promise.all([
        this.#copies.load(vehicleId, epoch),
        former.twins.load(vehicleId, name),
        next.twins.load(vehicleId, name),
      ]);
      const copy = copies.get(name);
      const settings = source?.desired ?? {};
      const patch = followed(copy, settings, present ?? { desired: {}, desiredAt: {} });
      if (patch !== undefined) {
        // Noted first: what dies after it has written must know it for its own.
        const before: Copied = copy ?? { settings: {}, at: this.#clock.now() };
        await this.#copies.save(vehicleId, epoch, name, { ...before, pending: [...(before.pending ?? []), settings] });
        if (!(await next.twins.patchDesired(vehicleId, name, patch, present?.revision))) return undefined;
      }
      await this.#copies.save(vehicleId, epoch, name, { settings, at: this.#clock.now() });
      return true;
    });
  }
}
