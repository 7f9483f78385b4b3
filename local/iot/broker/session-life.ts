import type { Cancel } from '#local/clock.ts';
import type { Core } from './core.ts';
import { limits } from './limits.ts';
import type { Message } from './message.ts';
import { accept } from './router.ts';
import { Session } from './session.ts';
import type { LeftSession } from './session-journal.ts';
import { parseFilter } from './topic-name.ts';

interface PendingWill {
  readonly delaySeconds: number;
  /** Called once. */
  settle(kind: 'send' | 'drop'): void;
}

/** What waits to happen to a session whose client is away. */
interface Parked {
  readonly cancelExpiry: Cancel;
  /** Sends a delayed will now (the session ends) or drops it (the client is back). */
  settleWill(kind: 'send' | 'drop'): void;
}

const parked = new WeakMap<Session, Parked>();

/** MQTT 5, 3.1.2.4: the session of this client id, or a fresh one. */
export function openSession(core: Core, clientId: string, clean: boolean): { session: Session; present: boolean } {
  const kept = core.sessions.get(clientId);
  if (kept !== undefined && !clean) {
    parked.get(kept)?.cancelExpiry();
    parked.get(kept)?.settleWill('drop');
    parked.delete(kept);
    return { session: kept, present: true };
  }
  if (kept !== undefined) endSession(core, kept);
  return { session: freshSession(core, clientId), present: false };
}

/** The sessions that the process before this one left, and what they wait for. */
export function restoreSessions(core: Core): void {
  for (const left of core.journal.left()) {
    const session = restored(core, left);
    // Whose client was connected when the process died begins to wait now.
    // From a future that the clock was set back from it would wait until that comes.
    const awaySince = Math.min(left.record.awaySince ?? core.clock.now(), core.clock.now());
    const over = awaySince + session.expirySeconds * 1000;
    core.journal.save(session, awaySince);
    const cancelExpiry = core.clock.after(Math.max(0, over - core.clock.now()), () => endSession(core, session));
    parked.set(session, { cancelExpiry, settleWill: () => undefined });
  }
}

/** The client is gone: its session ends, or waits for it. */
export function parkSession(core: Core, session: Session, will: PendingWill | undefined): void {
  session.detach();
  const settleWill = delay(core, will);
  const cancelExpiry =
    session.expirySeconds === 0
      ? () => undefined
      : core.clock.after(session.expirySeconds * 1000, () => endSession(core, session));
  parked.set(session, { cancelExpiry, settleWill });
  if (session.expirySeconds === 0) endSession(core, session);
  else core.journal.save(session, core.clock.now());
}

export function endSession(core: Core, session: Session): void {
  const waiting = parked.get(session);
  parked.delete(session);
  waiting?.cancelExpiry();
  for (const { filter } of session.subscriptions.values()) core.subscriptions.remove(filter, session);
  session.subscriptions.clear();
  session.forget();
  if (core.sessions.get(session.clientId) === session) {
    core.journal.end(session);
    core.sessions.delete(session.clientId);
  }
  waiting?.settleWill('send');
}

/** A will goes to subscribers and rules, but never to the services behind `$` topics. */
export function publishWill(core: Core, message: Message): void {
  const sent = { ...message, timestamp: core.clock.now() };
  accept(core, sent).catch((error: unknown) =>
    core.log(`the will of ${message.clientId} was not taken: ${String(error)}`),
  );
}

function freshSession(core: Core, clientId: string): Session {
  const { storedMessages, replayPerSecond, redeliverAfterSeconds } = core.settings;
  const { redeliverySeconds } = limits;
  const quotas = { storedMessages, replayPerSecond, redeliverAfterSeconds, redeliverySeconds };
  const session = new Session(clientId, core.clock, quotas, core.journal);
  core.sessions.set(clientId, session);
  return session;
}

function restored(core: Core, { clientId, record, waiting }: LeftSession): Session {
  const session = freshSession(core, clientId);
  session.expirySeconds = record.expirySeconds;
  for (const kept of record.subscriptions) {
    const filter = parseFilter(kept.text);
    if ('fault' in filter) continue;
    const subscription = { ...kept, filter };
    session.subscriptions.set(kept.text, subscription);
    core.subscriptions.add(filter, session, subscription);
  }
  session.restore(waiting);
  return session;
}

function delay(core: Core, will: PendingWill | undefined): Parked['settleWill'] {
  if (will === undefined) return () => undefined;
  let settled = false;
  const settle = (kind: 'send' | 'drop') => {
    if (settled) return;
    settled = true;
    cancel();
    will.settle(kind);
  };
  const cancel =
    will.delaySeconds === 0 ? () => undefined : core.clock.after(will.delaySeconds * 1000, () => settle('send'));
  if (will.delaySeconds === 0) settle('send');
  return settle;
}
