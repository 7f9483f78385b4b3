import type { Quota } from '#shared/access/quota.ts';
import type { Standing } from '#shared/access/standing.ts';
import type { StandingRepository } from '#shared/access/standing-repository.ts';

/** Instances meet here, each call a turn of the event loop later, as calls over a network do. */
export class MemoryStandings implements StandingRepository {
  readonly quotas = new Map<string, Quota>();
  readonly standings = new Map<string, Standing>();
  saves = 0;
  calls = 0;
  broken = false;

  async quota(askerId: string): Promise<Quota | undefined> {
    await this.#turn();
    return this.quotas.get(askerId);
  }

  async load(askerId: string): Promise<Standing | undefined> {
    await this.#turn();
    return this.standings.get(askerId);
  }

  async save(askerId: string, standing: Standing, seen: Standing | undefined): Promise<boolean> {
    await this.#turn();
    if (this.standings.get(askerId) !== seen) return false;
    this.standings.set(askerId, standing);
    this.saves += 1;
    return true;
  }

  async #turn(): Promise<void> {
    this.calls += 1;
    await Promise.resolve();
    if (this.broken) throw new Error('the table does not answer');
  }
}
