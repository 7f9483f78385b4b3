import { Failure } from '../../kernel/failure.ts';
import type { OperatorId } from '../sharing-id.ts';
import type { SharingSetup } from './setup-repository.ts';

/** For persons, who may know of every operator. @throws Failure `not-found` (`operator-not-found`) */
export async function requireOperator(setup: Pick<SharingSetup, 'operator'>, operatorId: OperatorId): Promise<void> {
  if ((await setup.operator(operatorId)) !== undefined) return;
  throw new Failure('not-found', 'operator-not-found', 'There is no such operator.', {
    resolution: 'GET /v1/me/sharing/systems names the operator of each city.',
  });
}
