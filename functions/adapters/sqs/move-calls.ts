import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { WordCalls } from '#shared/registry/home-admission.ts';
import type { MoveCall, MoveCalls } from '#shared/registry/move-driver.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';

/** SQS delays a message by 15 minutes at most. A call that is early sets the next one. */
const longestDelay = 900;

/** Seconds by which a device cloud that was told to know a vehicle knows it. */
const untilKnown = 60;

export class SqsMoveCalls implements MoveCalls, WordCalls {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  call({ vehicleId, version }: MoveCall, at: number, now: number): Promise<void> {
    const seconds = Math.ceil((at - now) / 1000);
    return this.#send({ vehicleId, version }, Math.min(Math.max(seconds, 0), longestDelay));
  }

  sayAgain(vehicleId: VehicleId): Promise<void> {
    return this.#send({ vehicleId, again: true }, untilKnown);
  }

  async #send(body: object, DelaySeconds: number): Promise<void> {
    const MessageBody = JSON.stringify(body);
    await this.#client.send(new SendMessageCommand({ QueueUrl: this.#queueUrl, MessageBody, DelaySeconds }));
  }
}
