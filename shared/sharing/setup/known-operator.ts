import { Failure } from '../../kernel/failure.ts';
import type { OperatorId } from '../sharing-id.ts';
import type { SharingSetup } from './setup-repository.ts';
import type { Operator } from './system.ts';

/** For persons, who may know of every operator. @throws Failure `not-found` (`operator-not-found`) */
export async function requireOperator(
  setup: Pick<SharingSetup, 'operator'>,
  operatorId: OperatorId,
): Promise<Operator> {
  const operator = await setup.operator(operatorId);
  if (operator !== undefined) return operator;
  throw new Failure('not-found', 'operator-not-found', 'There is no such operator.', {
    resolution: 'GET /v1/me/sharing/systems names the operator of each city.',
  });
}
