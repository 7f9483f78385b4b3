import type { ClientConnection } from './connection.ts';
import type { Core } from './core.ts';
import type { DeliverableQos, Message } from './message.ts';
import { lesser } from './router.ts';
import type { Session } from './session.ts';

/** To one client alone, and only if it subscribes to the topic. Says whether it does. */
export function sendTo(core: Core, to: ClientConnection, message: Message): boolean {
  const session = sessionOf(core, to);
  const qos = session && qosOf(core, session, message);
  if (session === undefined || qos === undefined) return false;
  session.deliver({ message, qos, retain: false });
  return true;
}

/** To one client alone, whether it subscribes or not. Says whether it is still there. */
export function answer(core: Core, to: ClientConnection, message: Message): boolean {
  const session = sessionOf(core, to);
  session?.deliver({ message, qos: qosOf(core, session, message) ?? 0, retain: false });
  return session !== undefined;
}

/** Another connection of the same client id does not get the answer. */
function sessionOf(core: Core, to: ClientConnection): Session | undefined {
  const agreement = core.connections.get(to.clientId)?.agreement;
  return agreement?.sessionIdentifier === to.sessionIdentifier ? agreement.session : undefined;
}

/** The best quality for which the session subscribes to the topic; undefined: it does not. */
function qosOf(core: Core, session: Session, { topic, qos }: Message): DeliverableQos | undefined {
  const wanted = core.subscriptions.match(topic).direct.filter(([holder]) => holder === session);
  if (wanted.length === 0) return undefined;
  return lesser(qos, wanted.some(([, subscription]) => subscription.qos === 1) ? 1 : 0);
}
