import type { ISubscribePacket, ISubscription, IUnsubscribePacket } from 'mqtt-packet';
import type { Agreement, Connection } from './connection.ts';
import type { Core } from './core.ts';
import { limits } from './limits.ts';
import { reasonCode } from './reason-code.ts';
import { announce, lesser } from './router.ts';
import type { Subscription } from './session.ts';
import { parseFilter } from './topic-name.ts';

/** What became of one filter. A fault of MQTT 3.1.1 has no code of its own and cuts the connection. */
type Grant =
  | {
      readonly kind: 'granted';
      readonly subscription: Subscription;
      readonly isNew: boolean;
      readonly retainHandling: number;
    }
  | { readonly kind: 'refused'; readonly code: 0x87 | 0x8f | 0x97; readonly explanation: string };

/** MQTT 5, 3.8: SUBSCRIBE, with the quotas and the policy of each filter. */
export function handleSubscribe(connection: Connection, agreement: Agreement, packet: ISubscribePacket): void {
  if (packet.properties?.subscriptionIdentifier !== undefined) {
    const explanation = 'subscription identifiers are not supported';
    const code = reasonCode.subscriptionIdentifiersNotSupported;
    connection.end({ reason: 'CLIENT_ERROR', code, explanation });
    return;
  }
  if (packet.subscriptions.some(({ qos }) => qos === 2)) {
    // 3.1.1 has no answer for it: AWS IoT stays silent.
    if (agreement.protocolVersion === 5) connection.end({ reason: 'CLIENT_ERROR', code: reasonCode.qosNotSupported });
    return;
  }
  if (packet.subscriptions.some(({ topic, nl }) => nl === true && topic.startsWith('$share/'))) {
    const explanation = 'a shared subscription cannot be without local messages';
    connection.end({ reason: 'CLIENT_ERROR', code: reasonCode.protocolError, explanation });
    return;
  }
  if (packet.subscriptions.length === 0) {
    connection.end({ reason: 'CLIENT_ERROR', code: reasonCode.protocolError, explanation: 'no filter' });
    return;
  }
  const tooMany = packet.subscriptions.length > limits.filtersPerSubscribe;
  const grants = packet.subscriptions.map((wish): Grant => {
    const explanation = `more than ${limits.filtersPerSubscribe} filters`;
    return tooMany
      ? { kind: 'refused', code: reasonCode.quotaExceeded, explanation }
      : grant(connection, agreement, wish);
  });
  connection.core.journal.save(agreement.session);
  answer(connection, agreement, packet, grants);
  if (connection.ended) return;
  for (const granted of grants) if (granted.kind === 'granted') sendRetained(connection.core, agreement, granted);
  announceTopics(
    connection.core,
    agreement,
    'subscribed',
    grants.flatMap((one) => (one.kind === 'granted' ? [one.subscription.text] : [])),
  );
}

function grant(connection: Connection, agreement: Agreement, wish: ISubscription): Grant {
  const { core } = connection;
  const { session } = agreement;
  const filter = parseFilter(wish.topic);
  if ('fault' in filter) return { kind: 'refused', code: reasonCode.invalidFilter, explanation: filter.fault };
  // the literal text counts: a policy for `a/*` admits `a/#`
  if (!agreement.allows('iot:Subscribe', `topicfilter/${wish.topic}`)) {
    const explanation = `not authorized to subscribe to ${wish.topic}`;
    return { kind: 'refused', code: reasonCode.notAuthorized, explanation };
  }
  const isNew = !session.subscriptions.has(wish.topic);
  if (isNew && session.subscriptions.size >= limits.subscriptionsPerConnection) {
    const explanation = `more than ${limits.subscriptionsPerConnection} subscriptions`;
    return { kind: 'refused', code: reasonCode.quotaExceeded, explanation };
  }
  const subscription: Subscription = {
    text: wish.topic,
    filter,
    qos: wish.qos === 1 ? 1 : 0,
    noLocal: agreement.protocolVersion === 5 && wish.nl === true && filter.shareName === undefined,
    retainAsPublished: agreement.protocolVersion === 5 && wish.rap === true,
  };
  session.subscriptions.set(wish.topic, subscription);
  core.subscriptions.add(filter, session, subscription);
  return { kind: 'granted', subscription, isNew, retainHandling: wish.rh ?? 0 };
}

function answer(
  connection: Connection,
  agreement: Agreement,
  packet: ISubscribePacket,
  grants: readonly Grant[],
): void {
  const { messageId = 0 } = packet;
  const refused = grants.flatMap((one) => (one.kind === 'refused' ? [one] : []));
  for (const { explanation } of refused)
    connection.core.log(`refused a filter of ${agreement.clientId}: ${explanation}`);
  const quota = refused.find(({ code }) => code === reasonCode.quotaExceeded);
  if (agreement.protocolVersion === 5) {
    const [first] = refused;
    const properties =
      first !== undefined && agreement.wantsReasons ? { properties: { reasonString: first.explanation } } : {};
    const granted = grants.map((one) => (one.kind === 'granted' ? one.subscription.qos : one.code));
    connection.send({ cmd: 'suback', messageId, granted, ...properties });
  } else {
    const broken = refused.find(({ code }) => code !== reasonCode.notAuthorized);
    const granted = grants.map((one) => (one.kind === 'granted' ? one.subscription.qos : 0x80));
    if (broken === undefined || quota !== undefined) connection.send({ cmd: 'suback', messageId, granted });
    if (broken !== undefined) connection.end({ reason: 'CLIENT_ERROR' });
  }
  if (quota !== undefined && grants.length <= limits.filtersPerSubscribe) {
    connection.end({ reason: 'CLIENT_ERROR', code: reasonCode.quotaExceeded, explanation: quota.explanation });
  }
}

/** Retained messages go to exact subscriptions alone: a filter with wildcards or a share is no topic's name. */
function sendRetained(
  core: Core,
  { session }: Agreement,
  { subscription, isNew, retainHandling }: Extract<Grant, { kind: 'granted' }>,
): void {
  const { text, qos } = subscription;
  if (retainHandling === 2 || (retainHandling === 1 && !isNew)) return;
  const message = core.retained.get(text, core.clock.now());
  if (message !== undefined) session.deliver({ message, qos: lesser(message.qos, qos), retain: true });
}

/** MQTT 5, 3.10. */
export function handleUnsubscribe(connection: Connection, agreement: Agreement, packet: IUnsubscribePacket): void {
  const { core } = connection;
  const { session } = agreement;
  for (const text of packet.unsubscriptions) {
    const subscription = session.subscriptions.get(text);
    if (subscription === undefined) continue;
    session.subscriptions.delete(text);
    core.subscriptions.remove(subscription.filter, session);
  }
  core.journal.save(session);
  const { messageId = 0 } = packet;
  const granted = packet.unsubscriptions.map((text) =>
    'fault' in parseFilter(text) ? reasonCode.invalidFilter : reasonCode.success,
  );
  connection.send({ cmd: 'unsuback', messageId, granted });
  announceTopics(core, agreement, 'unsubscribed', packet.unsubscriptions);
}

/** `$aws/events/subscriptions/…`, as AWS IoT publishes it. */
function announceTopics(core: Core, agreement: Agreement, eventType: string, topics: readonly string[]): void {
  const { clientId, sessionIdentifier, principalId } = agreement;
  if (topics.length === 0 || /[+#]/.test(clientId)) return;
  const timestamp = core.clock.now();
  announce(core, {
    topic: `$aws/events/subscriptions/${eventType}/${clientId}`,
    payload: { clientId, timestamp, eventType, sessionIdentifier, principalIdentifier: principalId, topics },
  });
}
