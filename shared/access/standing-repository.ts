import type { Quota } from './quota.ts';
import type { Standing } from './standing.ts';

/** Where the instances meet. Every call may fail: see `QuotaService`. */
export interface StandingRepository {
  /** What the operator wrote down for this one; undefined: the default holds. */
  quota(askerId: string): Promise<Quota | undefined>;
  load(askerId: string): Promise<Standing | undefined>;
  /** False: somebody else has settled since `seen` was loaded. */
  save(askerId: string, standing: Standing, seen: Standing | undefined): Promise<boolean>;
}
