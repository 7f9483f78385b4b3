import { InvokeCommand, type LambdaClient, TooManyRequestsException } from '@aws-sdk/client-lambda';
import { Failure } from '#shared/kernel/failure.ts';

/** The way to the one function that speaks with hubs. */
export class HubLine {
  readonly #client: LambdaClient;
  readonly #functionName: string;

  constructor(client: LambdaClient, functionName: string) {
    this.#client = client;
    this.#functionName = functionName;
  }

  /** Its answer, unparsed. */
  async ask(question: object): Promise<unknown> {
    const { FunctionError, Payload } = await this.#called(question, 'RequestResponse');
    if (FunctionError === undefined) return JSON.parse(new TextDecoder().decode(Payload));
    // It ran out of time, or broke: what it was at may have been done.
    throw notAnswering(new Error(FunctionError));
  }

  /** Lambda takes it, and nobody waits for what comes of it. */
  async tell(question: object): Promise<void> {
    await this.#called(question, 'Event');
  }

  async #called(question: object, InvocationType: 'Event' | 'RequestResponse') {
    const call = { FunctionName: this.#functionName, InvocationType, Payload: JSON.stringify(question) };
    try {
      return await this.#client.send(new InvokeCommand(call));
    } catch (cause) {
      if (cause instanceof TooManyRequestsException) throw notAnswering(cause);
      throw cause;
    }
  }
}

function notAnswering(cause: unknown): Failure {
  return new Failure('unavailable', 'hub-not-answering', 'The device cloud of this vehicle does not answer.', {
    retryAfter: 5,
    cause,
  });
}
