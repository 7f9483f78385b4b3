import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { Brand } from '../../registry/brand.ts';
import type { CampaignId } from '../campaigns/campaign-id.ts';
import type { AssistanceCase } from './case.ts';
import type { Subject } from './case-id.ts';

export interface OpenCases {
  readonly brands: readonly Brand[];
  /** Of one campaign alone. */
  readonly campaignId?: CampaignId;
}

export interface CaseRepository {
  load(subject: Subject): Promise<AssistanceCase | undefined>;
  /** @param seen undefined where there is none yet. False when it is not at this version. */
  save(one: AssistanceCase, seen: number | undefined): Promise<boolean>;
  /** The most urgent first, of these the newest; one that was opened a moment ago may be missing. Throws `bad-cursor`. */
  open(which: OpenCases, page: PageRequest): Promise<Page<AssistanceCase>>;
}
