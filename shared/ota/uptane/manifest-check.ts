import * as z from 'zod/mini';
import { type AttackName, attackNames } from './attack.ts';
import { canonicalBytes } from './canonical.ts';
import { type Cryptography, type PublicKey, signatureSchemes } from './key.ts';
import { hashesSchema } from './key-reader.ts';
import type { EcuVersionReport } from './manifest.ts';
import { isBy } from './threshold.ts';

/** What the Director knows of a control unit from its reports before. */
export interface KnownReporter {
  readonly key: PublicKey;
  /** Of the last report. */
  readonly counter: number;
}

export interface ManifestCheck {
  readonly vehicleId: string;
  /** The request's id. */
  readonly nonce: string;
  /** By ECU; one that is not here is met for the first time. */
  readonly known: ReadonlyMap<string, KnownReporter>;
  readonly cryptography: Cryptography;
}

export type ManifestVerdict =
  | {
      readonly kind: 'verified';
      readonly primaryEcuId: string;
      readonly directorRootVersion: number;
      readonly reports: readonly EcuVersionReport[];
      /** What the vehicle has refused since its last manifest. */
      readonly attacks: readonly { readonly ecuId: string; readonly attack: AttackName }[];
    }
  | { readonly kind: 'refused'; readonly reason: ManifestFault; readonly detail: string };

export type ManifestFault =
  | 'malformed-manifest'
  | 'wrong-vehicle'
  /** It answers another question, or a report's counter has been seen. */
  | 'stale-manifest'
  | 'wrong-signature';

const keySchema = z.object({
  keytype: z.enum(['ed25519', 'rsa']),
  scheme: z.enum(signatureSchemes),
  keyval: z.object({ public: z.string() }),
});
const reportSchema = z.object({
  ecu_serial: z.string(),
  hardware_id: z.string(),
  report_counter: z.int().check(z.nonnegative()),
  nonce: z.string(),
  timeserver_time: z.string(),
  attacks_detected: z.enum(['', ...attackNames]),
  installed_image: z.object({
    filepath: z.string(),
    fileinfo: z.object({ length: z.int().check(z.nonnegative()), hashes: hashesSchema }),
  }),
  software_version: z.string(),
  release_counter: z.int().check(z.nonnegative()),
  ecu_key: keySchema,
});
const signatures = z.array(z.object({ keyid: z.string(), method: z.optional(z.string()), sig: z.string() }));
const signed = z.object({ signatures, signed: z.record(z.string(), z.unknown()) });
const manifestSchema = z.object({
  vehicle_id: z.string(),
  primary_ecu_serial: z.string(),
  nonce: z.string(),
  director_root_version: z.int().check(z.positive()),
  ecu_version_manifests: z.record(z.string(), signed),
});

type Signed = z.infer<typeof signed>;

/** The Director's look at a manifest (Standard, 5.3.2.1 "Directing installation of images"). Never throws. */
export function checkedManifest(value: unknown, check: ManifestCheck): ManifestVerdict {
  const file = signed.safeParse(value).data;
  const manifest = manifestSchema.safeParse(file?.signed).data;
  if (file === undefined || manifest === undefined) return refused('malformed-manifest', 'it is no vehicle manifest');
  if (manifest.vehicle_id !== check.vehicleId) return refused('wrong-vehicle', `it is of ${manifest.vehicle_id}`);
  if (manifest.nonce !== check.nonce) return refused('stale-manifest', 'it answers another question');

  const reports: EcuVersionReport[] = [];
  for (const [ecuId, its] of Object.entries(manifest.ecu_version_manifests)) {
    const report = checkedReport(ecuId, its, check);
    if ('kind' in report) return report;
    reports.push(report);
  }
  const primary = reports.find((it) => it.ecu_serial === manifest.primary_ecu_serial);
  if (primary === undefined) return refused('malformed-manifest', 'its Primary does not report');
  const primaryKey = check.known.get(primary.ecu_serial)?.key ?? primary.ecu_key;
  if (!isSignedBy(file, primaryKey, check)) return refused('wrong-signature', 'the Primary has not signed it');
  return {
    kind: 'verified',
    primaryEcuId: primary.ecu_serial,
    directorRootVersion: manifest.director_root_version,
    reports,
    attacks: reports.flatMap(({ ecu_serial, attacks_detected: attack }) =>
      attack === '' ? [] : [{ ecuId: ecu_serial, attack }],
    ),
  };
}

function checkedReport(ecuId: string, file: Signed, check: ManifestCheck): EcuVersionReport | Refused {
  const report = reportSchema.safeParse(file.signed).data;
  if (report === undefined || report.ecu_serial !== ecuId) {
    return refused('malformed-manifest', `the report of ${ecuId} is none`);
  }
  const known = check.known.get(ecuId);
  if (!isSignedBy(file, known?.key ?? report.ecu_key, check)) {
    return refused('wrong-signature', `${ecuId} has not signed its report with its key`);
  }
  const stale = report.nonce !== check.nonce || (known !== undefined && report.report_counter <= known.counter);
  return stale ? refused('stale-manifest', `the report of ${ecuId} is an old one`) : report;
}

function isSignedBy(
  { signatures: its, signed: content }: Signed,
  key: PublicKey,
  { cryptography }: ManifestCheck,
): boolean {
  const bytes = canonicalOrNone(content);
  const read = { keytype: key.keytype, scheme: key.scheme, public: key.keyval.public };
  return bytes !== undefined && its.some((signature) => isBy(read, signature, bytes, cryptography));
}

function canonicalOrNone(content: unknown): Uint8Array | undefined {
  try {
    return canonicalBytes(content);
  } catch {
    return undefined;
  }
}

type Refused = Extract<ManifestVerdict, { readonly kind: 'refused' }>;

function refused(reason: ManifestFault, detail: string): Refused {
  return { kind: 'refused', reason, detail };
}
