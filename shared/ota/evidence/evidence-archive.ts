import type { Instant } from '../../kernel/clock.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import { isVehicleId, type VehicleId } from '../../registry/vehicle-id.ts';
import type { CampaignId } from '../campaigns/campaign-id.ts';
import { type EvidenceStore, evidenceNames } from './evidence-store.ts';

export interface EvidenceFile {
  readonly name: string;
  readonly bytes: number;
  readonly keptAt: Instant;
}

export interface EvidenceFiles extends Pick<EvidenceStore, 'find'> {
  /** In the order of their names; `from` is the name after which the page begins. */
  list(folder: string, page: PageRequest): Promise<Page<EvidenceFile>>;
  /** Opens one file to whoever has the link. @param expiresIn seconds */
  link(name: string, expiresIn: number): Promise<string>;
}

export interface ListedRecord extends EvidenceFile {
  readonly vehicleId: VehicleId;
  readonly url: string;
}

export interface UpdateEvidence {
  /** What the update came to, each time that it came to an end. */
  readonly records: readonly unknown[];
  /** What the vehicle itself stated at the end of each attempt. */
  readonly statements: readonly unknown[];
}

/** Seconds that a link is good for: an export follows them at once. */
const linkLife = 900;
/** A vehicle's update ends once or twice, after some attempts. */
const ofOneUpdate = 100;

/** Shows what was put down. */
export class EvidenceArchive {
  readonly #files: EvidenceFiles;

  constructor(files: EvidenceFiles) {
    this.#files = files;
  }

  async ofCampaign(campaignId: CampaignId, page: PageRequest): Promise<Page<ListedRecord>> {
    const folder = evidenceNames.ofCampaign(campaignId);
    const { items, next } = await this.#files.list(folder, page);
    const records = await Promise.all(items.map((file) => this.#listed(folder, file)));
    return { items: records.flatMap((record) => record ?? []), ...(next !== undefined && { next }) };
  }

  async ofUpdate(vehicleId: VehicleId, campaignId: CampaignId): Promise<UpdateEvidence> {
    const [records, statements] = await Promise.all([
      this.#documents(evidenceNames.ofUpdate(campaignId, vehicleId)),
      this.#documents(evidenceNames.statements(campaignId, vehicleId)),
    ]);
    return { records, statements };
  }

  async #listed(folder: string, file: EvidenceFile): Promise<ListedRecord | undefined> {
    const [vehicleId = ''] = file.name.slice(folder.length).split('/');
    if (!isVehicleId(vehicleId)) return undefined;
    return { ...file, vehicleId, url: await this.#files.link(file.name, linkLife) };
  }

  async #documents(folder: string): Promise<readonly unknown[]> {
    const { items } = await this.#files.list(folder, { limit: ofOneUpdate });
    const texts = await Promise.all(items.map(({ name }) => this.#files.find(name)));
    return texts.flatMap((text): unknown[] => (text === undefined ? [] : [JSON.parse(text)]));
  }
}
