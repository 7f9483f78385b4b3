/** A message went to a client, who is expected to answer on a topic. */
export interface ReplyTo {
  readonly topic: string;
  readonly clientId: string;
  /** MQTT 5 correlation data. Undefined: whatever comes next on the topic is the answer. */
  readonly correlation: Buffer | undefined;
  readonly header: string;
}

export interface Answer {
  readonly topic: string;
  readonly clientId: string;
  readonly correlation: Buffer | undefined;
  readonly payload: Buffer;
}

interface Expected extends ReplyTo {
  readonly at: number;
}

const longestWaitMs = 600_000;
const most = 2_000;

/**
 * Knows which delivery a client's message answers: by MQTT 5 correlation data (5.0, 4.10), by the same data said in
 * the payload, and for shadows by the topic alone, where the newest delta stands for those before it.
 */
export class ExpectedReplies {
  readonly #byTopic = new Map<string, Expected[]>();
  #size = 0;

  expect(reply: ReplyTo, now: number): void {
    const waiting = this.#byTopic.get(reply.topic) ?? [];
    this.#byTopic.delete(reply.topic); // to the end, so that the longest unused topics go first
    this.#byTopic.set(reply.topic, waiting);
    waiting.push({ ...reply, at: now });
    this.#size += 1;
    while (this.#size > most) this.#forgetOldest();
  }

  /** The headers of the deliveries that are answered; they are not expected any more. */
  take(answer: Answer, now: number): readonly string[] {
    const waiting = this.#byTopic.get(answer.topic);
    if (waiting === undefined) return [];
    const fits = (reply: Expected) => now - reply.at <= longestWaitMs && answers(answer, reply);
    const taken = waiting.filter(fits);
    if (taken.length > 0) this.#keep(answer.topic, waiting, (reply) => !taken.includes(reply));
    return taken.map(({ header }) => header);
  }

  #keep(topic: string, waiting: readonly Expected[], wanted: (reply: Expected) => boolean): void {
    const rest = waiting.filter(wanted);
    this.#size -= waiting.length - rest.length;
    if (rest.length === 0) this.#byTopic.delete(topic);
    else this.#byTopic.set(topic, rest);
  }

  #forgetOldest(): void {
    const [topic, waiting] = this.#byTopic.entries().next().value ?? [];
    if (topic === undefined || waiting === undefined) return;
    const [oldest] = waiting;
    this.#keep(topic, waiting, (reply) => reply !== oldest);
  }
}

function answers({ clientId, correlation, payload }: Answer, expected: Expected): boolean {
  if (clientId !== expected.clientId) return false;
  if (expected.correlation === undefined) return true;
  return correlation === undefined ? payload.includes(expected.correlation) : correlation.equals(expected.correlation);
}
