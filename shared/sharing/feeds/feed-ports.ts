import type { Clock } from '../../kernel/clock.ts';
import type { ListingRepository } from '../search/listing.ts';
import type { SetupRepository } from '../setup/setup-repository.ts';
import type { SystemId } from '../sharing-id.ts';
import type { KeyedDigest } from './public-id.ts';
import type { PublishedCity } from './published-city.ts';

/** Where the state of each city is kept, for nobody but its publisher. */
export interface CityStates {
  /** May be what this instance has written itself: `save` tells where somebody else has written since. */
  load(systemId: SystemId): Promise<KeptCity | undefined>;
  /** @returns false where it is not as it was loaded; what is loaded next is as it is there */
  save(city: PublishedCity, loaded: KeptCity | undefined): Promise<boolean>;
}

export interface KeptCity {
  readonly city: PublishedCity;
  /** Of this very version. */
  readonly tag: string;
}

/** What everybody may read. */
export interface PublicFiles {
  /** @param maxAge seconds for which anybody may keep it */
  put(path: string, text: string, maxAge: number): Promise<void>;
}

export interface FeedPorts {
  readonly states: CityStates;
  readonly files: PublicFiles;
  readonly setup: Pick<SetupRepository, 'operator' | 'system' | 'zones' | 'plans' | 'systems' | 'allSystems'>;
  readonly listings: Pick<ListingRepository, 'shard'>;
  readonly digest: (key: string) => KeyedDigest;
  readonly newKey: () => string;
  /** Where files are read, without a trailing slash. */
  readonly baseUrl: string;
  readonly clock: Clock;
}
