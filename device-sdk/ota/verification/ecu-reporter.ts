import { generateKeyPairSync } from 'node:crypto';
import * as z from 'zod/mini';
import type { AttackName } from '#shared/ota/uptane/attack.ts';
import type { PublicKey, Signer } from '#shared/ota/uptane/key.ts';
import {
  type EcuVersionReport,
  type InstalledImage,
  type SignedManifest,
  signedManifest,
  signedReport,
} from '#shared/ota/uptane/manifest.ts';
import type { SignedFile } from '#shared/ota/uptane/metadata.ts';
import type { EcuReport } from '#shared/vehicle-cloud/envelopes.ts';
import type { Storage } from '../../storage.ts';
import { signerOf } from './cryptography.ts';

/** What a report is asked for with. */
export interface ReportQuestion {
  /** The `requestId` of the question to the Director. */
  readonly nonce: string;
  /** Secure time, ms since the Unix epoch. */
  readonly time: number;
  /** What was refused on this control unit since its last report. */
  readonly attack?: AttackName | undefined;
}

/** A control unit's software, as it runs. */
export interface Installed extends EcuReport {
  readonly image: InstalledImage;
}

const counterSchema = z.int().check(z.nonnegative());

/**
 * A control unit's voice: its own key, made on board and never leaving it, and a counter that never repeats.
 * Each simulated control unit has one, with a storage of its own or the vehicle's.
 */
export class EcuReporter {
  readonly ecuId: string;
  readonly signer: Signer & { readonly publicKey: PublicKey };
  private readonly storage: Storage;

  constructor(storage: Storage, ecuId: string) {
    this.storage = storage;
    this.ecuId = ecuId;
    this.signer = signerOf(keyOf(storage, ecuId));
  }

  async report(installed: Installed, { nonce, time, attack }: ReportQuestion): Promise<SignedFile<EcuVersionReport>> {
    const report: EcuVersionReport = {
      ecu_serial: this.ecuId,
      hardware_id: installed.hardwareId,
      report_counter: this.nextCounter(),
      nonce,
      timeserver_time: new Date(time).toISOString(),
      attacks_detected: attack ?? '',
      installed_image: installed.image,
      software_version: installed.softwareVersion,
      release_counter: installed.releaseCounter,
      ecu_key: this.signer.publicKey,
    };
    return signedReport(report, this.signer);
  }

  /** On disk before it is used: a report that went out before a power loss is not made twice. */
  private nextCounter(): number {
    const document = `uptane-reports-${this.ecuId}`;
    const next = (counterSchema.safeParse(this.storage.read(document)).data ?? 0) + 1;
    this.storage.write(document, next);
    return next;
  }
}

export interface ManifestParts {
  readonly vehicleId: string;
  /** Of the question to the Director. */
  readonly requestId: string;
  readonly directorRootVersion: number;
  readonly primary: EcuReporter;
  /** Of every control unit on board, the Primary's among them. */
  readonly reports: readonly SignedFile<EcuVersionReport>[];
}

/** The vehicle version manifest for an `ask`. */
export function vehicleManifest(parts: ManifestParts): Promise<SignedManifest> {
  const { vehicleId, requestId, directorRootVersion, primary, reports } = parts;
  const manifest = {
    vehicle_id: vehicleId,
    primary_ecu_serial: primary.ecuId,
    nonce: requestId,
    director_root_version: directorRootVersion,
    ecu_version_manifests: Object.fromEntries(reports.map((report) => [report.signed.ecu_serial, report])),
  };
  return signedManifest(manifest, primary.signer);
}

function keyOf(storage: Storage, ecuId: string): string {
  const document = `uptane-key-${ecuId}`;
  const kept = z.string().safeParse(storage.read(document)).data;
  if (kept !== undefined) return kept;
  const made = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  storage.write(document, made);
  return made;
}
