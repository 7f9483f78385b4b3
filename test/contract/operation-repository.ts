import { beforeAll, expect, test } from 'vitest';
import type { ClientBrandsRepository } from '#shared/access/client-brands-repository.ts';
import { freshOperation } from '#shared/access/idempotent-operation.ts';
import type { OperationRepository } from '#shared/access/operation-repository.ts';
import { anOperationId } from './samples.ts';

export function operationRepositoryContract(
  make: () => Promise<OperationRepository>,
  makeBrands: () => Promise<ClientBrandsRepository>,
): void {
  let operations: OperationRepository;
  beforeAll(async () => {
    operations = await make();
  });
  const anOperation = (now = 1_000) =>
    freshOperation({ clientId: 'client', key: anOperationId(), fingerprint: 'f' }, anOperationId(), now);

  test('of two who begin the same operation one takes the lease', async () => {
    const operation = anOperation();
    const other = { ...operation, operationId: anOperationId() };
    const [first, second] = await Promise.all([
      operations.take(operation, undefined),
      operations.take(other, undefined),
    ]);
    expect([first, second].filter(Boolean)).toHaveLength(1);
    expect(await operations.load(operation.clientId, operation.key)).toEqual(first ? operation : other);
  });

  test('a lapsed lease is taken once', async () => {
    const operation = anOperation();
    await operations.take(operation, undefined);
    const next = { ...operation, leaseUntil: operation.leaseUntil + 30_000 };
    expect(await operations.take(next, operation)).toBe(true);
    expect(await operations.take(next, operation)).toBe(false);
  });

  test('an answer is kept for the one who holds the lease', async () => {
    const operation = anOperation();
    await operations.take(operation, undefined);
    const answer = { status: 201, headers: { location: '/x' }, body: '{}' };
    await operations.answer({ ...operation, leaseUntil: 5 }, { ...answer, status: 500 });
    expect((await operations.load(operation.clientId, operation.key))?.answer).toBeUndefined();
    await operations.answer(operation, answer);
    expect((await operations.load(operation.clientId, operation.key))?.answer).toEqual(answer);
  });

  test('a forgotten operation leaves nothing, a released one its id', async () => {
    const [forgotten, released] = [anOperation(), anOperation()];
    await Promise.all([operations.take(forgotten, undefined), operations.take(released, undefined)]);
    await Promise.all([operations.forget(forgotten), operations.release(released)]);
    expect(await operations.load(forgotten.clientId, forgotten.key)).toBeUndefined();
    expect(await operations.load(released.clientId, released.key)).toEqual({ ...released, leaseUntil: 0 });
  });

  test('a client that nobody has let in acts for no brand', async () => {
    expect(await (await makeBrands()).load('stranger')).toEqual([]);
  });
}
