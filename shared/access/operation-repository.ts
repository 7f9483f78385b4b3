import type { Answer, IdempotentOperation } from './idempotent-operation.ts';

export interface OperationRepository {
  load(clientId: string, key: string): Promise<IdempotentOperation | undefined>;
  /** Takes the lease unless somebody did since `seen` was loaded. */
  take(operation: IdempotentOperation, seen: IdempotentOperation | undefined): Promise<boolean>;
  /** Keeps the answer, unless the lease has passed to another run. */
  answer(operation: IdempotentOperation, answer: Answer): Promise<void>;
  /** Nothing came of it: the key is free again. */
  forget(operation: IdempotentOperation): Promise<void>;
  /** It broke off: the next request with this key carries on at once, under the same operation id. */
  release(operation: IdempotentOperation): Promise<void>;
}
