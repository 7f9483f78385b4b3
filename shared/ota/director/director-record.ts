import type { Instant } from '../../kernel/clock.ts';
import type { VehicleId } from '../../registry/vehicle-id.ts';
import type { PublicKey } from '../uptane/key.ts';
import type { EcuVersionReport } from '../uptane/manifest.ts';

/** A control unit as the Director holds it to be: its key was learned with its first report, and is held to since. */
export interface PinnedEcu {
  readonly key: PublicKey;
  readonly hardwareId: string;
  /** Of its last report that was taken in. */
  readonly reportCounter: number;
}

/** A control unit that nobody has let in: it is new, or has another key or other hardware than the one before it. */
export interface UnknownEcu {
  readonly key: PublicKey;
  readonly hardwareId: string;
  readonly seenAt: Instant;
}

/** What the Director remembers of a vehicle. */
export interface DirectorRecord {
  readonly vehicleId: VehicleId;
  readonly ecus: Readonly<Record<string, PinnedEcu>>;
  /** Until an operator accepts them, or they are not there any more. */
  readonly unknown: Readonly<Record<string, UnknownEcu>>;
  /** Of the last question that was taken in: the same one again is answered again. */
  readonly requestId: string;
  /** Of the metadata that were made last; it rises with each answer. */
  readonly metadataVersion: number;
  readonly version: number;
}

export type Introduction =
  | { readonly kind: 'known'; readonly record: DirectorRecord }
  /** `record`: where they wait for an operator. */
  | { readonly kind: 'unknown-ecu'; readonly record: DirectorRecord; readonly ecuIds: readonly string[] }
  | { readonly kind: 'missing-ecu'; readonly ecuIds: readonly string[] }
  | { readonly kind: 'stale-manifest'; readonly ecuIds: readonly string[] };

/** Who signs for a vehicle whom nobody has asked before: its own line, which its certificate guards, vouches for it. */
function firstRecord(vehicleId: VehicleId): DirectorRecord {
  return { vehicleId, ecus: {}, unknown: {}, requestId: '', metadataVersion: 0, version: 0 };
}

/** Compares the reports of a manifest, each signed by the key that it names, with what is known of the vehicle. */
export function introduced(
  known: DirectorRecord | undefined,
  vehicleId: VehicleId,
  { reports, requestId }: { readonly reports: readonly EcuVersionReport[]; readonly requestId: string },
  now: Instant,
): Introduction {
  const record = known ?? firstRecord(vehicleId);
  const strangers = known === undefined ? [] : reports.filter((report) => !isPinned(record, report));
  if (strangers.length > 0) {
    const unknown = Object.fromEntries(strangers.map((report) => [report.ecu_serial, unknownOf(report, record, now)]));
    const ecuIds = Object.keys(unknown);
    return { kind: 'unknown-ecu', ecuIds, record: { ...record, unknown, version: record.version + 1 } };
  }
  const present = new Set(reports.map(({ ecu_serial: ecuId }) => ecuId));
  const missing = Object.keys(record.ecus).filter((ecuId) => !present.has(ecuId));
  if (missing.length > 0) return { kind: 'missing-ecu', ecuIds: missing };
  const isAgain = record.requestId === requestId;
  const stale = reports.filter(({ ecu_serial: ecuId, report_counter: counter }) => {
    const last = record.ecus[ecuId]?.reportCounter ?? -1;
    return isAgain ? counter < last : counter <= last;
  });
  if (stale.length > 0) return { kind: 'stale-manifest', ecuIds: stale.map(({ ecu_serial: ecuId }) => ecuId) };
  const ecus = Object.fromEntries(reports.map((report) => [report.ecu_serial, pinnedOf(report)]));
  return { kind: 'known', record: { ...record, ecus, unknown: {}, requestId, version: record.version + 1 } };
}

/** The control unit that was seen belongs to the vehicle from now on, instead of the one before it. */
export function accepted(record: DirectorRecord, ecuId: string): DirectorRecord {
  const { [ecuId]: its, ...unknown } = record.unknown;
  if (its === undefined) return record;
  // The new one counts from wherever it is.
  const pinned = { key: its.key, hardwareId: its.hardwareId, reportCounter: -1 };
  return { ...record, ecus: { ...record.ecus, [ecuId]: pinned }, unknown, version: record.version + 1 };
}

/** The vehicle has it no longer. */
export function forgotten(record: DirectorRecord, ecuId: string): DirectorRecord {
  const { [ecuId]: its, ...ecus } = record.ecus;
  return its === undefined ? record : { ...record, ecus, version: record.version + 1 };
}

function isPinned(
  { ecus }: DirectorRecord,
  { ecu_serial: ecuId, ecu_key: key, hardware_id: hardwareId }: EcuVersionReport,
) {
  const pinned = ecus[ecuId];
  return pinned !== undefined && isSameKey(pinned.key, key) && pinned.hardwareId === hardwareId;
}

function isSameKey(one: PublicKey, other: PublicKey): boolean {
  return one.keytype === other.keytype && one.scheme === other.scheme && one.keyval.public === other.keyval.public;
}

function unknownOf(report: EcuVersionReport, { unknown }: DirectorRecord, now: Instant): UnknownEcu {
  const { ecu_serial: ecuId, ecu_key: key, hardware_id: hardwareId } = report;
  const before = unknown[ecuId];
  const isSame = before !== undefined && isSameKey(before.key, key) && before.hardwareId === hardwareId;
  return isSame ? before : { key, hardwareId, seenAt: now };
}

function pinnedOf({
  ecu_key: key,
  hardware_id: hardwareId,
  report_counter: reportCounter,
}: EcuVersionReport): PinnedEcu {
  return { key, hardwareId, reportCounter };
}
