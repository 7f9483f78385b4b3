import { type Caller, requireEveryBrand } from '../../access/caller.ts';
import { Failure } from '../../kernel/failure.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { Brand } from '../../registry/brand.ts';
import type { OperatorId } from '../sharing-id.ts';
import { mayActFor, type SharingDoor } from './acting.ts';
import type { SetupRepository } from './setup-repository.ts';
import type { Operator } from './system.ts';
import { isSame, type OperatorContent, operatorContentOf } from './system-order.ts';

export interface OperatorPorts {
  readonly setup: SetupRepository;
  readonly door: SharingDoor;
  readonly brands: readonly Brand[];
}

/** Who runs sharing services here. */
export class OperatorService {
  readonly #ports: OperatorPorts;

  constructor(ports: OperatorPorts) {
    this.#ports = ports;
  }

  /** `created` is false when the very same one was there before. */
  async create(caller: Caller, operatorId: OperatorId, content: OperatorContent) {
    requireEveryBrand(caller, this.#ports.brands);
    const operator: Operator = { operatorId, ...content, version: 1 };
    if (await this.#ports.setup.addOperator(operator)) return { created: true, operator };
    const known = await this.#ports.door.operator(caller, operatorId);
    if (isSame(operatorContentOf(known), content)) return { created: false, operator: known };
    throw new Failure(
      'conflict',
      'operator-known-otherwise',
      `There is an operator ${operatorId} already, with other data.`,
      {
        resolution: `PATCH /v1/sharing/operators/${operatorId} changes it; another one needs another id.`,
      },
    );
  }

  /** Who acts for it is decided by the platform team alone. */
  async change(caller: Caller, operatorId: OperatorId, changes: Partial<OperatorContent>): Promise<Operator> {
    return untilSaved(async () => {
      const seen = await this.#ports.door.operator(caller, operatorId);
      const content = { ...operatorContentOf(seen), ...changes };
      if (isSame(operatorContentOf({ ...seen, ...content }), operatorContentOf(seen))) return seen;
      if (!isSame(content.clientIds, seen.clientIds)) requireEveryBrand(caller, this.#ports.brands);
      const next: Operator = { operatorId, ...content, version: seen.version + 1 };
      return (await this.#ports.setup.saveOperator(next, seen.version)) ? next : undefined;
    });
  }

  /** Those that the caller acts for; a page may be short. */
  async list(caller: Caller, page: PageRequest): Promise<Page<Operator>> {
    const found = await this.#ports.setup.operators(page);
    return { ...found, items: found.items.filter((one) => mayActFor(caller, one, this.#ports.brands)) };
  }
}
