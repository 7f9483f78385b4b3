import type { InventoryRepository } from '../../registry/inventory-repository.ts';
import type { VehicleId } from '../../registry/vehicle-id.ts';
import type { CampaignId } from '../campaigns/campaign-id.ts';
import type { CampaignRepository } from '../campaigns/ports.ts';
import type { DirectorRecords } from '../director/director-ports.ts';
import { isReleaseId } from '../releases/release.ts';
import type { ReleaseRepository } from '../releases/release-repository.ts';
import type { Result } from '../updates/course.ts';
import type { Update } from '../updates/update.ts';
import type { Cryptography } from '../uptane/key.ts';
import { type EvidenceStore, evidenceNames } from './evidence-store.ts';
import { type EndedUpdate, isReported, updateRecord } from './update-record.ts';
import { type ReadStatement, readStatement } from './vehicle-statement.ts';

/** Takes what is to be put down to where it is; each may come twice. */
export interface EvidenceDesk {
  /** Before the result is taken in, so that it is there when its consequences are. */
  stated(vehicleId: VehicleId, result: Result & { readonly campaignId: CampaignId }): Promise<void>;
  ended(ended: EndedUpdate): Promise<void>;
}

export interface EvidencePorts {
  readonly store: EvidenceStore;
  readonly releases: Pick<ReleaseRepository, 'load'>;
  readonly campaigns: Pick<CampaignRepository, 'load'>;
  readonly inventories: Pick<InventoryRepository, 'load'>;
  readonly directorRecords: Pick<DirectorRecords, 'load'>;
  readonly cryptography: Cryptography;
  readonly sha256: (text: string) => string;
}

/** The vehicle has reported the end, and what it stated is still on its way here. */
class StatementOnItsWay extends Error {
  override readonly name = 'StatementOnItsWay';
}

/** Puts down what vehicles stated and what their updates came to, once each. */
export class EvidenceService {
  readonly #ports: EvidencePorts;

  constructor(ports: EvidencePorts) {
    this.#ports = ports;
  }

  /** The first one of an attempt stays: a vehicle ends an attempt once. */
  stated(vehicleId: VehicleId, result: Result & { readonly campaignId: CampaignId }): Promise<boolean> {
    const name = evidenceNames.statement(result.campaignId, vehicleId, result.attempt);
    return this.#ports.store.add(name, document({ kind: 'vehicle-statement', format: 1, vehicleId, result }));
  }

  /** @throws StatementOnItsWay */
  async ended(ended: EndedUpdate): Promise<boolean> {
    const { store, sha256 } = this.#ports;
    const { vehicleId, campaignId, version } = ended.update;
    const record = updateRecord(ended, await this.#known(ended.update), sha256);
    return store.add(evidenceNames.record(campaignId, vehicleId, version), document(record));
  }

  async #known(update: Update) {
    const { releases, campaigns, inventories } = this.#ports;
    const { releaseId, campaignId, vehicleId } = update;
    const [release, campaign, inventory, stated] = await Promise.all([
      isReleaseId(releaseId) ? releases.load(releaseId) : undefined,
      campaigns.load(campaignId),
      inventories.load(vehicleId),
      this.#stated(update),
    ]);
    return { release, campaign, inventory, stated };
  }

  async #stated(update: Update): Promise<ReadStatement | undefined> {
    const { store, directorRecords, cryptography } = this.#ports;
    const { vehicleId, campaignId, attempt } = update;
    const text = await store.find(evidenceNames.statement(campaignId, vehicleId, attempt));
    if (text === undefined) {
      if (isReported(update)) throw new StatementOnItsWay(`${vehicleId} ${campaignId} ${attempt}`);
      return undefined;
    }
    const keys = Object.values((await directorRecords.load(vehicleId))?.ecus ?? {}).map(({ key }) => key);
    return readStatement(statementIn(text), { vehicleId, campaignId, attempt }, keys, cryptography);
  }
}

function statementIn(text: string): unknown {
  const kept: unknown = JSON.parse(text);
  const result = typeof kept === 'object' && kept !== null && 'result' in kept ? kept.result : undefined;
  return typeof result === 'object' && result !== null && 'statement' in result ? result.statement : undefined;
}

function document(content: unknown): string {
  return `${JSON.stringify(content, undefined, 1)}\n`;
}
