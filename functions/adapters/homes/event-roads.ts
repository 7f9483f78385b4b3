import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod/mini';
import type { homePresenceEvent } from '#functions/presence-event.ts';
import { Failure } from '#shared/kernel/failure.ts';
import { presenceIn } from '#shared/vehicle-cloud/device-post.ts';
import type { RuleEnvelope } from '#shared/vehicle-cloud/envelopes.ts';
import { roads as roadNames } from '#shared/vehicle-cloud/posted-event.ts';
import type { EventRoads, Handed } from '#shared/vehicle-cloud/posted-event-service.ts';

/** Where each road leads: what the topic rules of the same name lead to. */
const stops = z.array(z.union([z.object({ queue: z.string() }), z.object({ function: z.string() })]));
const map = z.record(z.enum(roadNames), stops);
type Stop = z.infer<typeof stops>[number];

/** SQS, SendMessageBatch: ten entries. The body of a post is smaller than what they may weigh together. */
const entriesAtOnce = 10;

/** Hands on what homes post as AWS IoT's rules hand on what its own vehicles publish: the same form, the same stops. */
export class AwsEventRoads implements EventRoads {
  readonly #sqs: SQSClient;
  readonly #lambda: LambdaClient;
  readonly #stops: z.infer<typeof map>;

  /** @param setting `EVENT_ROADS`, as `cdk/capabilities/ingest.ts` writes it */
  constructor(sqs: SQSClient, lambda: LambdaClient, setting: string) {
    this.#sqs = sqs;
    this.#lambda = lambda;
    this.#stops = map.parse(JSON.parse(setting));
  }

  async hand(events: readonly Handed[]): Promise<void> {
    const batches = new Map<string, string[]>();
    const calls: (() => Promise<unknown>)[] = [];
    for (const handed of events) {
      const message = JSON.stringify(messageOf(handed));
      for (const stop of this.#stopsOf(handed)) {
        if ('queue' in stop) batches.set(stop.queue, [...(batches.get(stop.queue) ?? []), message]);
        else calls.push(() => this.#invoke(stop.function, message));
      }
    }
    const sent = [...batches].flatMap(([queue, messages]) => inTens(messages).map((ten) => this.#send(queue, ten)));
    const results = await Promise.allSettled([...sent, ...calls.map((call) => call())]);
    const failed = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason);
    if (failed.length === 0) return;
    // Whatever it was: the whole post comes again, and what was handed on before does no harm.
    throw new Failure('unavailable', 'overloaded', 'Not every event could be handed on.', {
      retryAfter: 1,
      cause: new AggregateError(failed, `${failed.length} of ${results.length} calls failed`),
    });
  }

  #stopsOf({ road }: Handed): readonly Stop[] {
    const known = this.#stops[road];
    // A template that leads nowhere must lose nothing: the post comes again.
    if (known.length === 0) throw new Error(`No function hears ${road}`);
    return known;
  }

  async #send(QueueUrl: string, messages: readonly string[]): Promise<void> {
    const Entries = messages.map((MessageBody, place) => ({ Id: String(place), MessageBody }));
    const { Failed = [] } = await this.#sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    const [first] = Failed;
    if (first !== undefined) throw new Error(`${Failed.length} messages were not taken: ${first.Code}`);
  }

  async #invoke(FunctionName: string, Payload: string): Promise<void> {
    await this.#lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }));
  }
}

function inTens(messages: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(messages.length / entriesAtOnce) }, (_, place) =>
    messages.slice(place * entriesAtOnce, (place + 1) * entriesAtOnce),
  );
}

function messageOf({ road, home, event }: Handed): RuleEnvelope | z.output<typeof homePresenceEvent> {
  const { vehicleId, at, payload, epoch } = event;
  if (road !== 'presence') return { vehicleId, receivedAt: at, payload };
  const presence = presenceIn(payload);
  if (presence === undefined) throw new Error('What is no presence has come this far');
  return { vehicleId, kind: presence.state, at, home: { name: home, epoch }, sequence: presence.sequence };
}
