import type { IPublishPacket } from 'mqtt-packet';
import { currentHeader, outcome } from '#local/trace/context.ts';
import { iotUnits } from '#local/trace/metering.ts';
import type { Place } from '#local/trace/span.ts';
import type { Agreement, Connection } from './connection.ts';
import type { ReservedTopics } from './core.ts';
import { limits } from './limits.ts';
import type { Message } from './message.ts';
import { type Answer, acknowledge, begin, forget, throttle } from './puback.ts';
import { messagePropertiesOf } from './publish-packet.ts';
import { type DisconnectReason, type ReasonCode, reasonCode } from './reason-code.ts';
import { accept } from './router.ts';
import { faultOfTopic, isReserved } from './topic-name.ts';

interface Refusal {
  readonly code: ReasonCode;
  readonly reason: DisconnectReason;
  readonly explanation: string;
}

/** MQTT 5, 3.3: a message from a client. */
export function handlePublish(connection: Connection, agreement: Agreement, packet: IPublishPacket): void {
  const { core } = connection;
  if (packet.qos === 2) {
    // 3.1.1 has no answer for it: AWS IoT stays silent.
    if (agreement.protocolVersion === 5) endFor(connection, reasonCode.qosNotSupported, 'QoS 2 is not supported');
    return;
  }
  const topic = resolveTopic(connection, packet);
  if (topic === undefined) return;
  if (packet.properties?.subscriptionIdentifier !== undefined) {
    endFor(connection, reasonCode.protocolError, 'a client sends no subscription identifier');
    return;
  }
  if (/[+#]/.test(packet.properties?.responseTopic ?? '')) {
    endFor(connection, reasonCode.protocolError, 'a response topic has no wildcards');
    return;
  }
  const answer = { connection, agreement, qos: packet.qos, packetId: packet.messageId };
  if (packet.qos === 1 && !begin(answer)) return;
  if (!connection.throughput.admits(packet.payload.length, core.clock.now())) {
    throttle(answer);
    return;
  }
  const refusal = refusalOf(connection, agreement, topic, packet);
  if (refusal !== undefined) {
    void core.tracing.begin(publishedAt(topic, packet.payload.length), () => outcome(`refused: ${refusal.reason}`));
    refuse(answer, refusal);
    return;
  }
  const message: Message = {
    topic,
    payload: typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload,
    qos: packet.qos,
    retain: packet.retain,
    clientId: agreement.clientId,
    principal: agreement.principalId,
    properties: messagePropertiesOf(packet.properties),
    timestamp: core.clock.now(),
  };
  traced(answer, message).catch((error: unknown) => {
    core.log(`${topic} of ${agreement.clientId} was not taken: ${String(error)}`);
    if (answer.qos === 1)
      refuse(answer, { code: reasonCode.unspecified, reason: 'SERVER_ERROR', explanation: 'internal failure' });
  });
}

/** The message begins a trace, or goes on with that of what it answers. */
function traced(answer: Answer, message: Message): Promise<void> {
  const { tracing } = answer.connection.core;
  const { topic, payload, properties, clientId = '' } = message;
  const place = publishedAt(topic, payload.length);
  const work = () => take(answer, { ...message, traceHeader: currentHeader() });
  const answered = tracing.answered(topic, clientId, properties.correlationData, payload);
  return answered.length === 0
    ? tracing.begin(place, work)
    : tracing.resume(answered, { ...place, kind: 'reply' }, work);
}

/** On reserved topics the services are paid for, not the messages. */
export function publishedAt(topic: string, bytes: number): Place & { readonly kind: 'topic' } {
  return { kind: 'topic', label: topic, units: isReserved(topic) ? {} : { iotMessages: iotUnits(bytes) } };
}

async function take(answer: Answer, message: Message): Promise<void> {
  const { connection, agreement } = answer;
  const { core } = connection;
  const asked = core.faults.at('mqtt', message.topic);
  const fate = asked instanceof Promise ? await asked : asked;
  if (fate.kind === 'drop') {
    // lost on the way in: nobody acknowledges it
    forget(answer);
    return;
  }
  if (fate.kind === 'fail') {
    if (fate.error.name !== 'ThrottlingException') throw fate.error;
    refuse(answer, { code: reasonCode.quotaExceeded, reason: 'THROTTLED', explanation: fate.error.message });
    return;
  }
  if (fate.kind === 'cut' && fate.when === 'before') return connection.cut();
  const service = reservedFor(core.reserved, message.topic);
  for (let copies = fate.kind === 'duplicate' ? 2 : 1; copies > 0; copies -= 1) {
    if (service === undefined) await accept(core, message);
    else await service.handle(message, agreement);
  }
  if (fate.kind === 'cut') return connection.cut();
  acknowledge(answer, reasonCode.success, undefined);
}

export function reservedFor(reserved: readonly ReservedTopics[], topic: string): ReservedTopics | undefined {
  return isReserved(topic) ? reserved.find((service) => service.handles(topic)) : undefined;
}

/** MQTT 5, 3.3.2.3.4: a topic, or the alias that stands for it. Undefined: the connection was ended. */
function resolveTopic(connection: Connection, packet: IPublishPacket): string | undefined {
  const alias = packet.properties?.topicAlias;
  if (alias === undefined) {
    if (packet.topic === '') endFor(connection, reasonCode.protocolError, 'neither topic nor alias');
    return packet.topic === '' ? undefined : packet.topic;
  }
  if (alias < 1 || alias > limits.topicAliases) {
    endFor(connection, reasonCode.invalidTopicAlias, `aliases are 1 to ${limits.topicAliases}`);
    return undefined;
  }
  if (packet.topic !== '') connection.aliases.set(alias, packet.topic);
  const topic = connection.aliases.get(alias);
  if (topic === undefined) endFor(connection, reasonCode.protocolError, 'the alias was never set');
  return topic;
}

function refusalOf(
  connection: Connection,
  agreement: Agreement,
  topic: string,
  packet: IPublishPacket,
): Refusal | undefined {
  const { reserved } = connection.core;
  const fault = faultOfTopic(topic);
  if (fault !== undefined) return { code: reasonCode.invalidTopic, reason: 'CLIENT_ERROR', explanation: fault };
  if (packet.payload.length > limits.payloadBytes) {
    const explanation = `the payload has more than ${limits.payloadBytes} bytes`;
    return { code: reasonCode.quotaExceeded, reason: 'CLIENT_ERROR', explanation };
  }
  if (packet.retain && isReserved(topic)) {
    const explanation = 'nothing is retained on topics that begin with $';
    return { code: reasonCode.invalidTopic, reason: 'CLIENT_ERROR', explanation };
  }
  const allowed =
    agreement.allows('iot:Publish', `topic/${topic}`) &&
    (!packet.retain || agreement.allows('iot:RetainPublish', `topic/${topic}`)) &&
    (!isReserved(topic) || reservedFor(reserved, topic) !== undefined);
  if (allowed) return undefined;
  return { code: reasonCode.notAuthorized, reason: 'AUTH_ERROR', explanation: `not authorized to publish on ${topic}` };
}

/** A QoS 1 client of MQTT 5 is told; every other one is cut off, having no other way to learn it. */
function refuse(answer: Answer, { code, reason, explanation }: Refusal): void {
  const { connection, agreement, qos } = answer;
  connection.core.log(`refused a message of ${agreement.clientId}: ${explanation}`);
  if (agreement.protocolVersion === 5 && qos === 1) acknowledge(answer, code, explanation);
  else connection.end({ reason, code, explanation });
}

function endFor(connection: Connection, code: ReasonCode, explanation: string): void {
  connection.end({ reason: 'CLIENT_ERROR', code, explanation });
}
