import type { AttackName } from './attack.ts';
import type { Hashes, PublicKey, Signer } from './key.ts';
import type { SignedFile } from './metadata.ts';
import { signaturesOver } from './signing.ts';

/**
 * What a vehicle says of itself to the Director (Standard, 5.4.2.1), with the member names of the published
 * implementations. Each control unit signs its own report with its own key; the Primary signs the whole.
 */
export interface VehicleVersionManifest {
  /** The vehicle's opaque id, never its VIN. */
  readonly vehicle_id: string;
  readonly primary_ecu_serial: string;
  /** The `requestId` of the question that it came with: an old manifest answers no new question. */
  readonly nonce: string;
  /** The Director's Root that the vehicle trusts: what it gets is everything after this version. */
  readonly director_root_version: number;
  /** By ECU. */
  readonly ecu_version_manifests: Readonly<Record<string, SignedFile<EcuVersionReport>>>;
}

export interface EcuVersionReport {
  readonly ecu_serial: string;
  readonly hardware_id: string;
  /** Rises with each report of this control unit, also over restarts. */
  readonly report_counter: number;
  readonly nonce: string;
  /** Secure time as the control unit knows it, ISO 8601. */
  readonly timeserver_time: string;
  /** The attack that was refused last; empty where there was none since the last report. */
  readonly attacks_detected: AttackName | '';
  readonly installed_image: InstalledImage;
  readonly software_version: string;
  readonly release_counter: number;
  /** With which this report is signed: the Director learns it from the first report and holds to it. */
  readonly ecu_key: PublicKey;
}

export interface InstalledImage {
  readonly filepath: string;
  readonly fileinfo: { readonly length: number; readonly hashes: Hashes };
}

export type SignedManifest = SignedFile<VehicleVersionManifest>;

/** @throws what the signer throws */
export async function signedReport(report: EcuVersionReport, ecu: Signer): Promise<SignedFile<EcuVersionReport>> {
  return { signatures: await signaturesOver(report, [ecu]), signed: report };
}

/** @throws what the signer throws */
export async function signedManifest(manifest: VehicleVersionManifest, primary: Signer): Promise<SignedManifest> {
  return { signatures: await signaturesOver(manifest, [primary]), signed: manifest };
}
