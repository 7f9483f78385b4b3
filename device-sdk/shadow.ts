import * as z from 'zod/mini';
import type { CloudClock } from './cloud-clock.ts';
import type { Cancel, Host } from './host.ts';
import { asObject, isObject, type JsonObject } from './json-object.ts';
import { parseJson } from './storage.ts';
import type { TwinAnswer, TwinView, TwinWire } from './twin-wire.ts';

const object = z.record(z.string(), z.unknown());
const messageSchema = z.object({
  version: z.optional(z.number()),
  timestamp: z.optional(z.number()),
  clientToken: z.optional(z.string()),
  code: z.optional(z.number()),
  message: z.optional(z.string()),
  state: z.optional(z.nullable(object)),
  metadata: z.optional(z.nullable(object)),
});
type Message = z.infer<typeof messageSchema>;

/** The filters of one vehicle's named shadows; with the command topic they fit one SUBSCRIBE of eight. */
export function shadowFilters(prefix: string): string[] {
  return ['get/accepted', 'get/rejected', 'update/accepted', 'update/rejected', 'update/delta'].map(
    (verb) => `${prefix}/name/+/${verb}`,
  );
}

/** Milliseconds. */
const answerTimeout = 10_000;
/** Milliseconds that a question for the time may take. */
const timePatience = 3000;
/** The shadow that is asked when no other has told the time; no twin of anybody. */
const clockTwin = 'clock';

interface Wire {
  publish(topic: string, payload: string): Promise<void>;
}

/**
 * Questions to the shadow service and their answers, matched by client token. Each answer also tells the
 * cloud's time.
 */
export class ShadowRequests implements TwinWire {
  private readonly prefix: () => string;
  private readonly wire: Wire;
  private readonly clock: CloudClock;
  private readonly host: Host;
  private readonly open = new Map<
    string,
    { asked: number; answer: (answer: TwinAnswer) => void; fail: (error: Error) => void; cancel: Cancel }
  >();
  onTakenBack: TwinWire['onTakenBack'] = () => {};
  onDelta: TwinWire['onDelta'] = () => {};

  constructor(prefix: () => string, wire: Wire, clock: CloudClock, host: Host) {
    this.prefix = prefix;
    this.wire = wire;
    this.clock = clock;
    this.host = host;
  }

  get(twin: string): Promise<TwinAnswer> {
    return this.ask(twin, 'get');
  }

  report(twin: string, reported: JsonObject): Promise<TwinAnswer> {
    return this.ask(twin, 'update', { state: { reported } });
  }

  /** Asks for nothing but the time, which each answer tells. */
  async time(): Promise<void> {
    const answer = await this.ask(clockTwin, 'get', {}, timePatience);
    // A twin that does not exist answers without the time; an empty report makes it exist.
    if (answer.kind === 'rejected') await this.ask(clockTwin, 'update', { state: { reported: {} } }, timePatience);
  }

  private ask(
    twin: string,
    verb: 'get' | 'update',
    document: JsonObject = {},
    timeout = answerTimeout,
  ): Promise<TwinAnswer> {
    const clientToken = this.host.newId();
    return new Promise((answer, reject) => {
      const fail = (error: Error) => {
        this.open.get(clientToken)?.cancel();
        this.open.delete(clientToken);
        reject(error);
      };
      const cancel = this.host.after(timeout, () => fail(new Error(`no answer to ${verb} of twin ${twin}`)));
      this.open.set(clientToken, { asked: this.host.monotonic(), answer, fail, cancel });
      const payload = JSON.stringify({ ...document, clientToken });
      this.wire.publish(`${this.prefix()}/name/${twin}/${verb}`, payload).catch(fail);
    });
  }

  /** The line broke: whoever waits is told. */
  abandon(): void {
    for (const { fail } of [...this.open.values()]) fail(new Error('the line broke before the answer'));
  }

  /** Takes a message of the shadow service; false when the topic is none of its. */
  receive(topic: string, payload: Uint8Array): boolean {
    const named = `${this.prefix()}/name/`;
    if (!topic.startsWith(named)) return false;
    const [twin, verb, outcome] = topic.slice(named.length).split('/');
    const message = messageSchema.safeParse(parseJson(Buffer.from(payload).toString('utf8')));
    if (twin === undefined || !message.success) return true;
    if (verb === 'update' && outcome === 'delta') this.delta(twin, message.data);
    else {
      if (verb === 'update' && outcome === 'accepted') this.takenBack(twin, message.data);
      this.answered(message.data, outcome === 'accepted');
    }
    return true;
  }

  private takenBack(twin: string, { state }: Message): void {
    const names = Object.entries(asObject(state?.['desired'])).flatMap(([name, value]) =>
      value === null ? [name] : [],
    );
    if (names.length > 0) this.onTakenBack(twin, names);
  }

  private delta(twin: string, message: Message): void {
    const { version, timestamp, state, metadata } = message;
    if (timestamp !== undefined) this.clock.notBefore(timestamp, this.host.monotonic());
    if (version !== undefined && twin !== clockTwin)
      this.onDelta(twin, { version, delta: state ?? {}, askedAt: metadata });
  }

  private answered(message: Message, accepted: boolean): void {
    const question = message.clientToken === undefined ? undefined : this.open.get(message.clientToken);
    if (question === undefined || message.clientToken === undefined) return;
    this.open.delete(message.clientToken);
    question.cancel();
    if (message.timestamp !== undefined) this.clock.answered(message.timestamp, question.asked, this.host.monotonic());
    question.answer(
      accepted
        ? { kind: 'accepted', view: viewOf(message) }
        : { kind: 'rejected', code: message.code ?? 500, message: message.message ?? '' },
    );
  }
}

function viewOf({ version = 0, state, metadata }: Message): TwinView {
  const delta = asObject(state?.['delta']);
  return { version, delta, askedAt: shapedLike(asObject(metadata?.['desired']), delta) };
}

/** Of the stamps, those of the leaves that the delta has. */
function shapedLike(stamps: JsonObject, delta: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(delta).map(([name, value]) => {
      const stamp = stamps[name];
      return [name, isObject(value) && isObject(stamp) ? shapedLike(stamp, value) : stamp];
    }),
  );
}
