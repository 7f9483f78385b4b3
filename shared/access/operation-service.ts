import type { Clock } from '../kernel/clock.ts';
import { Failure } from '../kernel/failure.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import { type Answer, begin, freshOperation, type Operation } from './idempotent-operation.ts';
import type { OperationRepository } from './operation-repository.ts';

export interface OperationPorts {
  readonly operations: OperationRepository;
  readonly clock: Clock;
  /** 20 random base32 characters. */
  readonly newId: () => string;
}

export interface KeyedRequest {
  readonly clientId: string;
  readonly key: string;
  readonly fingerprint: string;
}

/** Carries a request out once for each Idempotency-Key, and repeats its answer afterwards. */
export class OperationService {
  readonly #ports: OperationPorts;

  constructor(ports: OperationPorts) {
    this.#ports = ports;
  }

  unkeyed(): Operation {
    return { operationId: this.#ports.newId(), startedAt: this.#ports.clock.now() };
  }

  /** @param permit throws where the client may no longer have an answer that it once got */
  async once(
    request: KeyedRequest,
    permit: (answer: Answer) => Promise<void>,
    run: (operation: Operation) => Promise<Answer>,
  ): Promise<Answer> {
    const { operations } = this.#ports;
    const begun = await untilSaved(() => this.#begin(request));
    if (begun.kind === 'repeat') {
      await permit(begun.answer);
      return begun.answer;
    }
    try {
      const answer = await run(begun.operation);
      await operations.answer(begun.operation, answer);
      return answer;
    } catch (error) {
      // A refusal changed nothing, so the key is free for a corrected request. Anything else may have
      // happened by halves, and so may what a former run began: the same operation continues it.
      const refused = error instanceof Failure && error.kind !== 'unavailable';
      if (refused && !begun.resumed) await operations.forget(begun.operation);
      else await operations.release(begun.operation);
      throw error;
    }
  }

  async #begin(request: KeyedRequest) {
    const { operations, clock, newId } = this.#ports;
    const known = await operations.load(request.clientId, request.key);
    const now = clock.now();
    const begun = begin(known, freshOperation(request, newId(), now), now);
    if (begun.kind === 'repeat') return begun;
    return (await operations.take(begun.operation, known)) ? begun : undefined;
  }
}
