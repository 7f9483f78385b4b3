import { hopNow } from '#local/trace/context.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import type { ClientConnection } from '../broker/connection.ts';
import type { ReservedTopics } from '../broker/core.ts';
import type { Message } from '../broker/message.ts';
import type { Answer, DeviceOperations } from './device-operations.ts';
import { bodyOf, clientTokenOf, understood } from './device-request.ts';
import { type JobTopic, parseJobTopic } from './job-topics.ts';
import { inSeconds, stateOf } from './pending.ts';
import { JobsRejection } from './rejection.ts';

export interface JobsOnMqttOptions {
  readonly operations: DeviceOperations;
  readonly clock: Clock;
  /** The broker's `answer`: to the asking connection alone, whether it subscribes or not; rules do not see it. */
  readonly answer: (connection: ClientConnection, topic: string, payload: Buffer) => unknown;
  readonly log: (line: string) => void;
}

/** `$aws/things/<thing>/jobs/…`: what devices ask over MQTT. */
export class JobsOnMqtt implements ReservedTopics {
  readonly #options: JobsOnMqttOptions;

  constructor(options: JobsOnMqttOptions) {
    this.#options = options;
  }

  handles(topic: string): boolean {
    return parseJobTopic(topic) !== undefined;
  }

  handle({ topic, payload }: Pick<Message, 'topic' | 'payload'>, connection: ClientConnection | undefined): void {
    const request = parseJobTopic(topic);
    if (request === undefined) return;
    if (connection === undefined) {
      this.#options.log(`${topic} came without a connection that could be answered`);
      return;
    }
    let clientToken: string | undefined;
    const say = (suffix: string, body: Answer) => {
      const told = { ...(clientToken !== undefined && { clientToken }), ...body };
      this.#options.answer(connection, `${topic}/${suffix}`, Buffer.from(JSON.stringify(told)));
    };
    try {
      const body = bodyOf(payload);
      clientToken = clientTokenOf(body);
      this.#serve(request, topic, body, (accepted) => say('accepted', accepted));
    } catch (error) {
      say('rejected', this.#rejected(error, topic));
    }
  }

  #serve({ thingName, asked }: JobTopic, topic: string, body: Answer, answer: (body: Answer) => void): void {
    if (asked === undefined) throw new JobsRejection('InvalidTopic', `${topic} is no request to the jobs service.`);
    const place = {
      kind: 'job',
      label: `${asked.kind} ${'jobId' in asked ? `${asked.jobId} ` : ''}${thingName}`,
    } as const;
    hopNow(place, () => this.#options.operations.serve(thingName, understood(asked, body), 'object', answer));
  }

  #rejected(error: unknown, topic: string): Answer {
    const timestamp = inSeconds(this.#options.clock.now());
    if (!(error instanceof JobsRejection)) {
      this.#options.log(`${topic} broke the jobs service: ${error instanceof Error ? error.stack : String(error)}`);
      return { code: 'InternalError', message: 'Internal failure', timestamp };
    }
    const { code, message, execution } = error;
    const stated = code === 'InvalidStateTransition' || code === 'VersionMismatch';
    return { code, message, ...(stated && execution && { executionState: stateOf(execution) }), timestamp };
  }
}
