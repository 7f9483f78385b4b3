import { createHash, randomBytes } from 'node:crypto';
import { EcuReporter, vehicleManifest } from '#device-sdk/ota/verification/ecu-reporter.ts';
import type { Storage } from '#device-sdk/storage.ts';
import { base32, sortableInstant } from '#shared/kernel/base32.ts';
import { type CampaignId, isCampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import type { Ask } from '#shared/ota/director/director-ports.ts';

export interface BuiltIn {
  readonly hardwareId: string;
  readonly releaseCounter: number;
  readonly softwareVersion: string;
  /** What it runs. */
  readonly content: string;
}

export function aCampaignId(at = 1_800_000_000_000): CampaignId {
  const id = `cmp-${sortableInstant(at)}${base32(randomBytes(7), 11)}`;
  if (!isCampaignId(id)) throw new Error(id);
  return id;
}

/** The voices of a vehicle's control units, as the device SDK has them. */
export class ReportingVehicle {
  readonly vehicleId: string;
  readonly ecus: Map<string, BuiltIn>;
  readonly storage: Storage = memoryStorage();
  directorRootVersion = 1;
  readonly #primary: string;
  #asked = 0;

  constructor(vehicleId: string, ecus: Readonly<Record<string, BuiltIn>>) {
    this.vehicleId = vehicleId;
    this.ecus = new Map(Object.entries(ecus));
    this.#primary = Object.keys(ecus)[0] ?? '';
  }

  /** Another control unit sits in its place: with a key of its own. */
  swap(ecuId: string): void {
    this.storage.remove(`uptane-key-${ecuId}`);
  }

  async ask(campaignId: CampaignId, more: Partial<Ask> = {}): Promise<Ask> {
    this.#asked += 1;
    const requestId = more.requestId ?? `request-${this.#asked}`;
    return {
      kind: 'ask',
      campaignId,
      requestId,
      purpose: 'download',
      manifest: await this.manifest(requestId),
      ...more,
    };
  }

  async manifest(requestId: string) {
    const reports = [];
    for (const [ecuId, { content, ...its }] of this.ecus) {
      const hashes = { sha256: createHash('sha256').update(content).digest('hex') };
      const image = { filepath: ecuId, fileinfo: { length: Buffer.byteLength(content), hashes } };
      const reporter = new EcuReporter(this.storage, ecuId);
      reports.push(await reporter.report({ ecuId, ...its, image }, { nonce: requestId, time: 1_800_000_000_000 }));
    }
    const { vehicleId, directorRootVersion } = this;
    const primary = new EcuReporter(this.storage, this.#primary);
    return vehicleManifest({ vehicleId, requestId, directorRootVersion, primary, reports });
  }
}

function memoryStorage(): Storage {
  const documents = new Map<string, unknown>();
  return {
    directory: '',
    read: (name) => documents.get(name),
    write: (name, value) => void documents.set(name, structuredClone(value)),
    remove: (name) => void documents.delete(name),
    putAside: () => undefined,
  };
}
