import { randomUUID } from 'node:crypto';
import type { IPublishPacket, ISubscribePacket, Packet } from 'mqtt-packet';
import type { DeviceLine } from '#local/azure/hub/device-line.ts';
import type { DeviceboundMessage } from '#local/azure/hub/devicebound-message.ts';
import type { LocalIotHub } from '#local/azure/hub/hub.ts';
import type { JsonObject } from '#local/iot/shadows/json.ts';
import { DeviceRequests } from './device-requests.ts';
import { DeviceboundDelivery } from './devicebound-delivery.ts';
import { inTurn } from './in-turn.ts';
import type { KeptSessions, Subscription } from './kept-sessions.ts';
import { LinkFaults } from './link-faults.ts';
import { deviceTopics, readPublication, readSubscription, type SubscriptionKind } from './topics.ts';
import type { Ending, Wire } from './wire.ts';

export interface DeviceSessionOptions {
  readonly hub: LocalIotHub;
  readonly wire: Wire;
  readonly deviceId: string;
  readonly authMethod: string;
  /** Nothing of it outlives the connection. */
  readonly clean: boolean;
  readonly will: Pick<IPublishPacket, 'topic' | 'payload' | 'retain'> | undefined;
  readonly sessions: KeptSessions;
}

/** Of one SUBSCRIBE; there are not even so many different ones. */
const mostSubscriptions = 5;

/** One connected device: its packets become calls of the hub, and the hub's become packets. */
export class DeviceSession implements DeviceLine {
  readonly connectionId = randomUUID();
  readonly #options: DeviceSessionOptions;
  readonly #subscriptions = new Map<SubscriptionKind, 0 | 1>();
  readonly #requests: DeviceRequests;
  readonly #delivery: DeviceboundDelivery;
  readonly #faults: LinkFaults;
  /** The hub has ended it. */
  #dropped = false;

  constructor(options: DeviceSessionOptions) {
    this.#options = options;
    const { hub, wire, deviceId, authMethod, sessions } = options;
    this.#faults = new LinkFaults(hub, wire);
    const send = (topic: string, payload: string) => this.#publish({ topic, payload });
    this.#requests = new DeviceRequests({ hub, deviceId, authMethod, send: (...answer) => this.#answer(send, answer) });
    this.#delivery = new DeviceboundDelivery({ hub, deviceId, sessions, publish: (packet) => this.#publish(packet) });
  }

  /** @param kept of the last session; undefined where it begins anew */
  open(kept: readonly Subscription[] | undefined): void {
    const { hub, deviceId, sessions, clean } = this.#options;
    hub.lines.attach(deviceId, this);
    if (clean) sessions.forget(deviceId);
    for (const subscription of kept ?? []) this.#subscribe(subscription);
    this.#keep();
  }

  packet(packet: Packet): void {
    const { wire } = this.#options;
    switch (packet.cmd) {
      case 'publish':
        this.#published(packet);
        break;
      case 'subscribe':
        this.#subscribed(packet);
        break;
      case 'unsubscribe':
        for (const filter of packet.unsubscriptions) this.#unsubscribe(filter);
        this.#keep();
        wire.send({ cmd: 'unsuback', messageId: packet.messageId ?? 0, granted: [] });
        break;
      case 'puback':
        this.#delivery.acknowledged(packet.messageId ?? 0);
        break;
      default:
        this.#refuse(`${packet.cmd} has no place here`);
    }
  }

  end(ending: Ending): void {
    const { hub, deviceId, will } = this.#options;
    if (ending.kind === 'refused') hub.log(`the hub ends the connection of ${deviceId}: ${ending.reason}`);
    if (!this.#dropped) hub.lines.detach(deviceId, this);
    if (ending.kind === 'goodbye' || will === undefined) return;
    // Nobody hears the last words of a device that is no more.
    if (hub.identities.find(deviceId)?.status !== 'enabled') return;
    const bag = readPublication(will.topic, deviceId);
    if (bag?.kind === 'event') this.#requests.event(bag, will, { 'iothub-MessageType': 'Will' });
  }

  desired(patch: JsonObject, version: number): void {
    if (!this.#subscriptions.has('desired')) return;
    const payload = JSON.stringify({ ...patch, $version: version });
    const topic = deviceTopics.desired(version);
    this.#faults.give(topic, () => this.#publish({ topic, payload }));
  }

  method(requestId: string, name: string, payload: unknown): void {
    if (!this.#subscriptions.has('methods')) return;
    const text = payload === undefined ? '' : JSON.stringify(payload);
    const topic = deviceTopics.method(name, requestId);
    this.#faults.give(topic, () => this.#publish({ topic, payload: text }));
  }

  devicebound(message: DeviceboundMessage): void {
    const qos = this.#subscriptions.get('devicebound');
    if (qos === undefined) return;
    const { deviceId } = this.#options;
    this.#faults.give(`devices/${deviceId}/messages/devicebound`, () => this.#delivery.send(message, qos));
  }

  close(reason: string): void {
    this.#dropped = true;
    this.#options.wire.end({ kind: 'lost', reason });
  }

  #published(packet: IPublishPacket): void {
    const meant = packet.qos === 2 ? undefined : readPublication(packet.topic, this.#options.deviceId);
    if (meant === undefined) {
      this.#refuse(packet.qos === 2 ? 'QoS 2 is not served' : `there is no topic ${packet.topic}`);
      return;
    }
    const { hub, wire } = this.#options;
    const acknowledge = () => {
      if (packet.qos === 1) wire.send({ cmd: 'puback', messageId: packet.messageId ?? 0 });
    };
    const take = () => this.#requests.take(meant, packet);
    this.#faults.take(packet.topic, (fate) => {
      const taken = () => {
        take();
        if (fate.kind === 'duplicate') take();
        // Where the link breaks afterwards, the device does not hear that its message has arrived.
        if (fate.kind === 'cut') wire.cut();
        else acknowledge();
      };
      if (meant.kind === 'event') inTurn(hub, wire, taken);
      else taken();
    });
  }

  #subscribed({ subscriptions, messageId }: ISubscribePacket): void {
    const wanted = subscriptions.flatMap(({ topic, qos }): Subscription[] => {
      const kind = readSubscription(topic, this.#options.deviceId);
      return kind === undefined ? [] : [{ kind, qos: qos === 0 ? 0 : 1 }];
    });
    if (subscriptions.length > mostSubscriptions || wanted.length < subscriptions.length) {
      this.#refuse(`nobody may subscribe to ${subscriptions.map(({ topic }) => topic).join(', ')}`);
      return;
    }
    // First the answer: messages that wait follow at once.
    this.#options.wire.send({ cmd: 'suback', messageId: messageId ?? 0, granted: wanted.map(({ qos }) => qos) });
    for (const subscription of wanted) this.#subscribe(subscription);
    this.#keep();
  }

  #subscribe({ kind, qos }: Subscription): void {
    const { hub, deviceId } = this.#options;
    this.#subscriptions.set(kind, qos);
    if (kind === 'methods') hub.methods.connect(deviceId, this);
    if (kind === 'devicebound') hub.devicebound.connect(deviceId, this);
  }

  #unsubscribe(filter: string): void {
    const { hub, deviceId } = this.#options;
    const kind = readSubscription(filter, deviceId);
    if (kind === undefined) return;
    this.#subscriptions.delete(kind);
    if (kind === 'methods') hub.methods.disconnect(this);
    if (kind === 'devicebound') hub.devicebound.disconnect(this);
  }

  #keep(): void {
    const { sessions, deviceId, clean } = this.#options;
    if (!clean)
      sessions.keep(
        deviceId,
        [...this.#subscriptions].map(([kind, qos]) => ({ kind, qos })),
      );
  }

  #answer(send: (topic: string, payload: string) => void, [topic, payload]: readonly [string, string]): void {
    if (this.#subscriptions.has('twin-answers')) this.#faults.give(topic, () => send(topic, payload));
  }

  #publish(packet: Pick<IPublishPacket, 'topic' | 'payload'> & Partial<IPublishPacket>): void {
    this.#options.wire.send({ cmd: 'publish', qos: 0, dup: false, retain: false, ...packet });
  }

  #refuse(reason: string): void {
    this.#options.wire.end({ kind: 'refused', reason });
  }
}
