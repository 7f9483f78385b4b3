import type { Caller } from '../access/caller.ts';
import { systemNotFound } from '../sharing/setup/acting.ts';
import type { SharingSetup } from '../sharing/setup/setup-repository.ts';
import type { Operator, SharingSystem } from '../sharing/setup/system.ts';
import type { SystemId } from '../sharing/sharing-id.ts';
import type { Partner } from './partner.ts';

/** Where a partner books. */
export interface Counter {
  readonly system: SharingSystem;
  readonly operator: Operator;
  readonly partner: Partner;
}

/** Lets partners in where an operator has named them: for everybody else there is no such city. */
export class PartnerDoor {
  readonly #setup: Pick<SharingSetup, 'system' | 'operator'>;

  constructor(setup: Pick<SharingSetup, 'system' | 'operator'>) {
    this.#setup = setup;
  }

  /** @throws Failure `not-found` (`system-not-found`) */
  async enter({ clientId }: Pick<Caller, 'clientId'>, systemId: SystemId): Promise<Counter> {
    const system = await this.#setup.system(systemId);
    const operator = system === undefined ? undefined : await this.#setup.operator(system.operatorId);
    const partner = operator?.partners?.find((one) => one.clientId === clientId);
    if (system === undefined || operator === undefined || partner === undefined) throw systemNotFound(systemId);
    return { system, operator, partner };
  }
}
