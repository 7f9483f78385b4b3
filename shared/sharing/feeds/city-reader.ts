import type { Page, PageRequest } from '../../kernel/paging.ts';
import { type Listing, listingShards } from '../search/listing.ts';
import type { OperatorId, SystemId } from '../sharing-id.ts';
import type { FeedPorts } from './feed-ports.ts';
import type { CitySetup } from './published-city.ts';

const pageSize = 100;

/** What is read of the tables: when an operator changes something, and once when a city is published first. */
export class CityReader {
  readonly #ports: Pick<FeedPorts, 'setup' | 'listings'>;

  constructor(ports: Pick<FeedPorts, 'setup' | 'listings'>) {
    this.#ports = ports;
  }

  /** Undefined where there is no such system. */
  async setup(systemId: SystemId): Promise<CitySetup | undefined> {
    const { setup } = this.#ports;
    const system = await setup.system(systemId);
    if (system === undefined) return undefined;
    const [operator, zones, plans] = await Promise.all([
      setup.operator(system.operatorId),
      setup.zones(systemId),
      all((page) => setup.plans(systemId, page)),
    ]);
    return operator && { operator, system, plans, ...(zones !== undefined && { zones }) };
  }

  async listings(systemId: SystemId): Promise<readonly Listing[]> {
    const shards = Array.from({ length: listingShards }, (_, shard) => this.#ports.listings.shard(systemId, shard));
    // A partner publishes its own.
    return (await Promise.all(shards)).flat().filter(({ offering }) => offering === undefined);
  }

  async systemIds(operatorId?: OperatorId): Promise<readonly SystemId[]> {
    const { setup } = this.#ports;
    const systems = await all((page) =>
      operatorId === undefined ? setup.allSystems(page) : setup.systems(operatorId, page),
    );
    return systems.map(({ systemId }) => systemId);
  }
}

async function all<T>(read: (page: PageRequest) => Promise<Page<T>>): Promise<readonly T[]> {
  const items: T[] = [];
  let page = await read({ limit: pageSize });
  for (;;) {
    items.push(...page.items);
    if (page.next === undefined) return items;
    page = await read({ limit: pageSize, from: page.next });
  }
}
