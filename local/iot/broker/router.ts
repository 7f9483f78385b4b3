import { currentHeader } from '#local/trace/context.ts';
import type { Core } from './core.ts';
import type { DeliverableQos, Message } from './message.ts';
import type { PresenceEvent } from './presence.ts';
import type { Session, Subscription } from './session.ts';
import { isReserved } from './topic-name.ts';

/** Gives the message to subscribers and taps. Rejects if a tap did not take it. */
export async function accept(core: Core, message: Message): Promise<void> {
  if (message.retain && !isReserved(message.topic)) core.retained.keep(message);
  route(core, message);
  await Promise.all(core.taps.map(async (tap) => tap(message)));
}

/** An event of the broker itself, which nobody waits for. */
export function announce(core: Core, event: PresenceEvent | undefined): void {
  if (event === undefined) return;
  const published = core.tracing.begin({ kind: 'presence', label: event.topic }, () =>
    accept(core, {
      topic: event.topic,
      payload: Buffer.from(JSON.stringify(event.payload)),
      qos: 1,
      retain: false,
      clientId: undefined,
      principal: undefined,
      properties: {},
      timestamp: core.clock.now(),
      traceHeader: currentHeader(),
    }),
  );
  published.catch((error: unknown) => core.log(`${event.topic} was not taken: ${String(error)}`));
}

function route(core: Core, message: Message): void {
  const { direct, shares } = core.subscriptions.match(message.topic);
  const chosen = new Map<Session, Subscription>();
  for (const [session, subscription] of direct) {
    if (subscription.noLocal && session.clientId === message.clientId) continue;
    const other = chosen.get(session);
    // one copy for overlapping subscriptions, at the higher quality (MQTT 3.1.1, 3.3.5)
    if (other === undefined || other.qos < subscription.qos) chosen.set(session, subscription);
  }
  for (const [session, subscription] of chosen) deliverTo(session, subscription, message);
  for (const members of shares) {
    const member = memberOf(members, core.random);
    if (member !== undefined) deliverTo(...member, message);
  }
}

/** A random member that is online, else a random one that keeps messages. */
function memberOf(
  members: ReadonlyMap<Session, Subscription>,
  random: () => number,
): readonly [Session, Subscription] | undefined {
  const all = [...members];
  const online = all.filter(([session]) => session.online);
  const candidates = online.length > 0 ? online : all;
  return candidates[Math.floor(random() * candidates.length)];
}

function deliverTo(session: Session, subscription: Subscription, message: Message): void {
  const retain = message.retain && subscription.retainAsPublished;
  session.deliver({ message, qos: lesser(message.qos, subscription.qos), retain });
}

export function lesser(a: DeliverableQos, b: DeliverableQos): DeliverableQos {
  return a === 0 ? a : b;
}
