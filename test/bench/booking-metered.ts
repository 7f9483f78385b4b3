import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

export interface Consumed {
  readonly calls: number;
  readonly writeUnits: number;
}

const isRead = /^(?:Get|BatchGet|Query)/;

/** Calls to the tables, and the write units that the engine says they took. */
export class CallMeter {
  #calls = 0;
  #writeUnits = 0;

  constructor(client: DynamoDBClient) {
    client.middlewareStack.add(
      (next, { commandName = '' }) =>
        async (args) => {
          this.#calls += 1;
          const input = { ...args.input, ReturnConsumedCapacity: 'TOTAL' as const };
          const answer = await next({ ...args, input });
          const { output } = answer;
          const consumed = 'ConsumedCapacity' in output ? [output.ConsumedCapacity ?? []].flat() : [];
          if (isRead.test(commandName)) return answer;
          for (const one of consumed) if ('CapacityUnits' in one) this.#writeUnits += one.CapacityUnits ?? 0;
          return answer;
        },
      { step: 'initialize', name: 'callMeter' },
    );
  }

  /** What the work took. */
  async during(work: () => Promise<unknown>): Promise<Consumed> {
    const [calls, writeUnits] = [this.#calls, this.#writeUnits];
    await work();
    return { calls: this.#calls - calls, writeUnits: this.#writeUnits - writeUnits };
  }
}
