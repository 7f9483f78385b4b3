import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Quarantine, Quarantined } from '#shared/telemetry/intake-service.ts';

/** SQS takes 256 KB; base64 adds a third. What does not fit is cut: the reason matters most. */
const largestPayload = 150 * 1024;

/** What JSON leaves as it is and SQS refuses (SendMessage, "MessageBody"). */
const inadmissible = /[\ufffe\uffff]/g;

/** A queue without a consumer: an alarm calls somebody who looks. */
export class SqsQuarantine implements Quarantine {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  async add(entry: Quarantined): Promise<void> {
    const json = JSON.stringify('payload' in entry ? withBase64(entry) : entry);
    const MessageBody = json.replace(inadmissible, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
    await this.#client.send(new SendMessageCommand({ QueueUrl: this.#queueUrl, MessageBody }));
  }
}

function withBase64({ payload, ...entry }: Extract<Quarantined, { payload: Uint8Array }>) {
  const payloadBase64 = Buffer.from(payload.subarray(0, largestPayload)).toString('base64');
  return { ...entry, payloadBase64, ...(payload.length > largestPayload && { cutFrom: payload.length }) };
}
