import type { Instant } from '../../kernel/clock.ts';
import type { VehicleId } from '../../registry/vehicle-id.ts';
import type { DirectorAnswer, DownloadGrant, UpdateReport } from '../../vehicle-cloud/update-envelopes.ts';
import type { CampaignId } from '../campaigns/campaign-id.ts';
import type { DirectorRecord } from './director-record.ts';

export type Ask = Extract<UpdateReport, { kind: 'ask' }> & { readonly campaignId: CampaignId };

export interface DirectorRecords {
  load(vehicleId: VehicleId): Promise<DirectorRecord | undefined>;
  /** @param seen its version; undefined where there was none. False when it is not at that version any more. */
  save(record: DirectorRecord, seen: number | undefined): Promise<boolean>;
}

/** The campaigns' word: may this vehicle have this campaign's release, now? */
export interface CampaignGate {
  ask(vehicleId: VehicleId, campaignId: CampaignId, purpose: Ask['purpose'], now: Instant): Promise<GateAnswer>;
}

export type GateAnswer =
  | { readonly kind: 'released'; readonly releaseId: string }
  | { readonly kind: 'refused'; readonly reason: GateRefusal; readonly detail: string; readonly retryAt?: Instant };

export type GateRefusal =
  /** The campaign has not released this vehicle, or does so no more. */
  | 'not-released'
  /** For every vehicle: nothing begins to be installed, or to be downloaded. */
  | 'stopped'
  | 'paused'
  /** Of this vehicle: it is shared, and its operator has not taken it out of service. */
  | 'in-service';

/** What opens a folder of files to a vehicle for a time. */
export interface Grants {
  /** @param folder ends with `/` @param below opens what begins with it alone; ends with `/` */
  open(folder: string, below?: string): Promise<DownloadGrant>;
}

export interface DirectorRoots {
  /** Every root after this version, in order. */
  after(version: number): Promise<readonly string[]>;
}

/** Vehicles hear on a topic of their own. */
export interface AnswerChannel {
  send(vehicleId: VehicleId, answer: DirectorAnswer): Promise<void>;
}
