import * as z from 'zod/mini';
import type { Instant } from '../kernel/clock.ts';
import type { InventoryReport } from '../vehicle-cloud/envelopes.ts';
import type { VehicleId } from './vehicle-id.ts';

/** The control units of a vehicle, as it reported them itself. */
export interface Inventory extends InventoryReport {
  readonly vehicleId: VehicleId;
  readonly reportedAt: Instant;
}

const name = z.string().check(z.regex(/^[\w.:+-]{1,64}$/));
/** As makers write part numbers: `5G0 035 820 A`. */
const partNumber = z.string().check(z.regex(/^[\w.:+/-]+( [\w.:+/-]+)*$/), z.maxLength(64));
const counter = z.int().check(z.nonnegative());

export const ecuSchema = z.strictObject({
  ecuId: name,
  hardwareId: partNumber,
  softwareVersion: name,
  releaseCounter: counter,
});

export const regulationPattern = /^UN R\d{1,3}$/;

/** RX software identification numbers by UN regulation. */
export const rxswinSchema = z.string().check(z.regex(/^[\w .:/+-]{1,64}$/, 'is no RXSWIN'));
export const rxswinsSchema = z
  .record(z.string().check(z.regex(regulationPattern, 'is not of the form UN R79')), rxswinSchema)
  .check(z.refine((all) => Object.keys(all).length <= 50, 'names more than 50 regulations'));

/** A vehicle has some 100 control units; the bound keeps the report within one MQTT message. */
export const inventoryReportSchema = z.strictObject({
  sequence: counter,
  softwareVersion: name,
  rxswins: z.exactOptional(rxswinsSchema),
  ecus: z.array(ecuSchema).check(
    z.maxLength(500),
    z.refine((ecus) => new Set(ecus.map((ecu) => ecu.ecuId)).size === ecus.length, 'names an ECU twice'),
  ),
});

/** Whether a report replaces what is known: only a newer one does, so late ones and repetitions change nothing. */
export function replaces(known: Inventory | undefined, report: InventoryReport): boolean {
  return known === undefined || report.sequence > known.sequence;
}
