import * as z from 'zod/mini';
import { inventoryReportSchema } from '#shared/registry/inventory.ts';
import type { InventoryReport } from '#shared/vehicle-cloud/envelopes.ts';
import { type Log, reasonOf } from './host.ts';
import type { Storage } from './storage.ts';

/** The software of the vehicle and of each of its control units. */
export type Inventory = Omit<InventoryReport, 'sequence'>;

interface InventoryParts {
  readonly storage: Storage;
  readonly publish: (payload: string) => Promise<void>;
  readonly log: Log;
  /** The best known time, ms since the Unix epoch. */
  readonly now: () => number;
  /** Resolves once `now` is the cloud's, or that cannot be had. */
  readonly cloudTime: () => Promise<unknown>;
  /** The RXSWINs that the vehicle holds to, where it takes updates: nothing but an installation changes them. */
  readonly rxswins?: () => Inventory['rxswins'];
}

const document = 'inventory';
/** The year 2026: a clock that shows an earlier time was never set. */
const plausible = 1_767_225_600_000;
const storedSchema = z.object({ sequence: z.int() });

/**
 * Says at each connection which software runs on board, and after each installation.
 *
 * @example vehicle.inventory.report({ softwareVersion: '5.4.1', ecus: [gateway, batteryManagement] });
 */
export class InventoryReporter {
  private readonly parts: InventoryParts;
  private inventory: Inventory | undefined;
  private online = false;

  /** @throws InvalidInventory */
  constructor(parts: InventoryParts, inventory?: Inventory) {
    this.parts = parts;
    this.inventory = inventory === undefined ? undefined : checked(inventory);
  }

  /**
   * From now on this is what is on board; told at once where there is a connection.
   *
   * @throws InvalidInventory with what the cloud would not accept, before anything is sent
   */
  async report(inventory: Inventory): Promise<void> {
    this.requireRxswins(inventory);
    this.inventory = checked(inventory);
    await this.send();
  }

  /** @internal */
  async connected(): Promise<void> {
    this.online = true;
    await this.send();
  }

  /** @internal */
  disconnected(): void {
    this.online = false;
  }

  private async send(): Promise<void> {
    const { storage, publish, log } = this.parts;
    // Nobody waits for the time without need: a vehicle may be switched off any moment.
    if (this.online && this.former() === undefined && this.parts.now() < plausible) await this.parts.cloudTime();
    if (!this.online || this.inventory === undefined) return;
    const sequence = this.next();
    // Kept before it is used: no number is used twice.
    storage.write(document, { sequence });
    const rxswins = this.parts.rxswins?.();
    const isHeld = rxswins !== undefined && Object.keys(rxswins).length > 0;
    const report: InventoryReport = { sequence, ...this.inventory, ...(isHeld && { rxswins }) };
    try {
      await publish(JSON.stringify(report));
    } catch (error) {
      log(`inventory: ${reasonOf(error)}`);
    }
  }

  private requireRxswins({ rxswins = {} }: Inventory): void {
    const held = this.parts.rxswins?.();
    if (held === undefined) return;
    const other = Object.keys(rxswins).find((regulation) => rxswins[regulation] !== held[regulation]);
    if (other === undefined) return;
    throw new InvalidInventory(`The RXSWIN of ${other} is changed by an update alone → at rxswins[${other}]`);
  }

  /** Seconds, so that a vehicle that lost its last number, or has an old one, is not ignored ever after. */
  private next(): number {
    return Math.max((this.former() ?? 0) + 1, Math.floor(this.parts.now() / 1000));
  }

  private former(): number | undefined {
    return storedSchema.safeParse(this.parts.storage.read(document)).data?.sequence;
  }
}

/** Names what is wrong with an inventory. */
export class InvalidInventory extends Error {
  override readonly name = 'InvalidInventory';
}

function checked(inventory: Inventory): Inventory {
  const parsed = inventoryReportSchema.safeParse({ sequence: 0, ...inventory });
  if (!parsed.success) throw new InvalidInventory(z.prettifyError(parsed.error));
  return inventory;
}
