import type { LocalClock } from '#local/clock.ts';
import type { Collection, State } from '#local/state/collection.ts';
import { hopNow } from '#local/trace/context.ts';
import { shadowUnits } from '#local/trace/metering.ts';
import type { Place } from '#local/trace/span.ts';
import type { ReservedTopics } from '../broker/core.ts';
import type { Message } from '../broker/message.ts';
import { applyDelete, applyGet, applyUpdate, rejectedMessage, type StoredShadow } from './document.ts';
import type { JsonObject } from './json.ts';
import { defaultShadowLimits, parseQuestion, parseUpdate, type ShadowLimits, ShadowRejection } from './request.ts';
import { parseShadowTopic, type ShadowRequestTopic, shadowTopic } from './shadow-topics.ts';

export interface ShadowServiceOptions {
  readonly state: State;
  readonly clock: LocalClock;
  /** The broker's `publish`: to whoever subscribes, and to the rules, in the order of the calls. */
  readonly publish: (topic: string, payload: Buffer, options: { readonly qos: 1 }) => void | Promise<void>;
  readonly log: (line: string) => void;
  readonly limits?: Partial<ShadowLimits>;
}

/**
 * AWS IoT's device shadows. MQTT and HTTP come through the same three operations; what was accepted is
 * announced on MQTT either way, what was refused only to those who asked over MQTT.
 * A thing need not exist to have shadows, and its shadows outlive it.
 */
export class ShadowService implements ReservedTopics {
  readonly #shadows: Collection<StoredShadow>;
  readonly #clock: LocalClock;
  readonly #publish: ShadowServiceOptions['publish'];
  readonly #log: (line: string) => void;
  readonly #limits: ShadowLimits;

  constructor({ state, clock, publish, log, limits }: ShadowServiceOptions) {
    this.#shadows = state.collection('iot/shadows');
    this.#clock = clock;
    this.#publish = publish;
    this.#log = log;
    this.#limits = { ...defaultShadowLimits, ...limits };
  }

  /** Answers the accepted document. Throws `ShadowRejection`. */
  update(thingName: string, shadowName: string | undefined, payload: Uint8Array): JsonObject {
    const place = shadowHop('update', thingName, shadowName, payload);
    return hopNow(place, () => this.#update(thingName, shadowName, payload));
  }

  #update(thingName: string, shadowName: string | undefined, payload: Uint8Array): JsonObject {
    const key = shadowKey(thingName, shadowName);
    const request = parseUpdate(payload, this.#limits);
    const { shadow, messages } = applyUpdate(this.#shadows.get(key), request, this.#clock.now(), this.#limits);
    this.#shadows.set(key, shadow);
    if (messages.delta !== undefined) this.#send(thingName, shadowName, 'update/delta', messages.delta);
    this.#send(thingName, shadowName, 'update/documents', messages.documents);
    this.#send(thingName, shadowName, 'update/accepted', messages.accepted);
    return messages.accepted;
  }

  /** Throws `ShadowRejection`. */
  get(thingName: string, shadowName: string | undefined, payload: Uint8Array = Buffer.alloc(0)): JsonObject {
    const place = shadowHop('get', thingName, shadowName, payload);
    return hopNow(place, () => this.#get(thingName, shadowName, payload));
  }

  #get(thingName: string, shadowName: string | undefined, payload: Uint8Array): JsonObject {
    const { clientToken } = parseQuestion(payload, this.#limits);
    const stored = this.#shadows.get(shadowKey(thingName, shadowName));
    return applyGet(stored, clientToken, this.#clock.now(), shadowName ?? thingName);
  }

  /** Throws `ShadowRejection`. */
  delete(thingName: string, shadowName: string | undefined, payload: Uint8Array = Buffer.alloc(0)): JsonObject {
    const place = shadowHop('delete', thingName, shadowName, payload);
    return hopNow(place, () => this.#delete(thingName, shadowName, payload));
  }

  #delete(thingName: string, shadowName: string | undefined, payload: Uint8Array): JsonObject {
    const key = shadowKey(thingName, shadowName);
    const { clientToken } = parseQuestion(payload, this.#limits);
    const { shadow, accepted } = applyDelete(
      this.#shadows.get(key),
      clientToken,
      this.#clock.now(),
      shadowName ?? thingName,
    );
    this.#shadows.set(key, shadow);
    this.#send(thingName, shadowName, 'delete/accepted', accepted);
    return accepted;
  }

  /** The named shadows of a thing, in order; the classic one has no name. */
  namedShadows(thingName: string): readonly string[] {
    const prefix = shadowKey(thingName, '');
    return [...this.#shadows.entries()]
      .filter(([key, shadow]) => shadow.status === 'live' && key.startsWith(prefix))
      .map(([key]) => key.slice(prefix.length))
      .sort();
  }

  handles(topic: string): boolean {
    return parseShadowTopic(topic) !== undefined;
  }

  /** Serves a request that came as a message. */
  handle({ topic, payload }: Pick<Message, 'topic' | 'payload'>): void {
    const request = parseShadowTopic(topic);
    if (request !== undefined) this.#serve(request, payload);
  }

  #serve({ thingName, shadowName, verb }: ShadowRequestTopic, payload: Uint8Array): void {
    try {
      if (verb === 'update') this.update(thingName, shadowName, payload);
      else if (verb === 'delete') this.delete(thingName, shadowName, payload);
      else this.#send(thingName, shadowName, 'get/accepted', this.get(thingName, shadowName, payload));
    } catch (error) {
      if (!(error instanceof ShadowRejection)) throw error;
      this.#send(thingName, shadowName, `${verb}/rejected`, rejectedMessage(error, this.#clock.now()));
    }
  }

  #send(thingName: string, shadowName: string | undefined, suffix: string, body: JsonObject): void {
    const topic = shadowTopic(thingName, shadowName, suffix);
    const failed = (error: unknown) => this.#log(`${topic} was not published: ${String(error)}`);
    Promise.resolve(this.#publish(topic, Buffer.from(JSON.stringify(body)), { qos: 1 })).catch(failed);
  }
}

function shadowHop(verb: string, thingName: string, shadowName: string | undefined, payload: Uint8Array): Place {
  const label = `${verb} ${shadowKey(thingName, shadowName)}`;
  return { kind: 'shadow', label, units: { shadowOperations: shadowUnits(payload.byteLength) } };
}

/** A slash stands in no thing name, so that no two shadows share a key. */
function shadowKey(thingName: string, shadowName: string | undefined): string {
  return shadowName === undefined ? thingName : `${thingName}/${shadowName}`;
}
