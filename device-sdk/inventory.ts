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
}

const document = 'inventory';
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
    if (!this.online || this.inventory === undefined) return;
    const { storage, publish, log } = this.parts;
    const sequence = (storedSchema.safeParse(storage.read(document)).data?.sequence ?? 0) + 1;
    // Kept before it is used: no number is used twice.
    storage.write(document, { sequence });
    const report: InventoryReport = { sequence, ...this.inventory };
    try {
      await publish(JSON.stringify(report));
    } catch (error) {
      log(`inventory: ${reasonOf(error)}`);
    }
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
