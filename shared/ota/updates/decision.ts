import type { PersonId } from '../../access/person.ts';
import type { Instant } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import type { Decision } from '../../vehicle-cloud/update-envelopes.ts';
import { type Consent, isFinal, isInstalling, isUnderWay, reoffered, type Update } from './update.ts';

const day = 24 * 3_600_000;
/** Who declines is reminded after it. */
export const reminderAfter = 2 * day;
/** An installation is planned no further ahead, and its window is no longer. */
const furthest = 30 * day;
const shortestWindow = 60_000;

/** Who decided, and of what. */
export interface Decided {
  readonly decision: Decision;
  /** The revision of the offer that was on the screen. */
  readonly revision: number;
  readonly by: Pick<Consent, 'by' | 'clientId'> & { readonly personId?: PersonId };
}

/**
 * The update after a decision; the very same one where this decision was taken in before.
 *
 * @param others the vehicle's other updates
 * @throws Failure where the offer is another by now, is over, or may not be decided so
 */
export function decided(update: Update, others: readonly Update[], made: Decided, now: Instant): Update {
  if (isRepeated(update, made)) return update;
  if (isFinal(update)) throw updateOver(update);
  if (update.state.status === 'waiting') throw notOffered();
  if (made.revision !== update.revision) throw offerChanged();
  if (isInstalling(update)) throw installing();
  if (update.consentBy === 'operator' && made.by.by !== 'operator') throw operatorConsents();
  if (update.consentBy === 'owner' && made.by.by === 'operator') throw ownerConsents();
  return applied(update, others, made, now);
}

function applied(update: Update, others: readonly Update[], { decision, revision, by }: Decided, now: Instant): Update {
  const more = { decidedOf: revision, ...(decision.kind === 'accept' ? {} : { over: update.attempt }) };
  const told = (what: 'accepted' | 'declined' | 'muted') => ({ at: now, what, by: by.by });
  switch (decision.kind) {
    case 'accept': {
      requireWindow(decision, now);
      if (others.some(isUnderWay)) throw anotherUnderWay();
      const consent: Consent = { ...by, at: now, from: decision.from, to: decision.to };
      const { state } = update;
      // Another window for what was accepted already is no other attempt.
      if (state.status === 'accepted' || state.status === 'working' || state.status === 'retrying') {
        return reoffered(update, { ...state, consent }, told('accepted'), more);
      }
      return reoffered(update, { status: 'accepted', consent }, told('accepted'), more);
    }
    case 'decline':
      return reoffered(update, { status: 'declined', remindAt: now + reminderAfter }, told('declined'), more);
    case 'mute':
      if (update.recall) throw recallNotMuted();
      return reoffered(update, { status: 'muted' }, told('muted'), more);
  }
}

/** A decision comes from the car and from a retried request again; only the first one moves anything. */
function isRepeated({ decidedOf, state }: Update, { decision, revision }: Decided): boolean {
  if (decidedOf !== revision) return false;
  switch (decision.kind) {
    case 'accept':
      return 'consent' in state && state.consent.from === decision.from && state.consent.to === decision.to;
    case 'decline':
      return state.status === 'declined';
    case 'mute':
      return state.status === 'muted';
  }
}

function requireWindow({ from, to }: { readonly from: Instant; readonly to: Instant }, now: Instant): void {
  const errors = [
    ...(to - from < shortestWindow ? [{ pointer: '/to', detail: 'is not at least a minute after from' }] : []),
    ...(to <= now ? [{ pointer: '/to', detail: 'is over' }] : []),
    ...(to > now + furthest ? [{ pointer: '/to', detail: 'is more than 30 days ahead' }] : []),
  ];
  if (errors.length === 0) return;
  throw new Failure('unacceptable', 'window-not-possible', 'Nothing can be installed in this time window.', {
    errors,
    resolution: 'Name a window that ends within the next 30 days and is a minute long at least.',
  });
}

export function updateOver({ state }: Pick<Update, 'state'>): Failure {
  return new Failure('conflict', 'update-over', `The update is ${state.status}, and stays so.`);
}

export function installing(): Failure {
  return new Failure('conflict', 'update-installing', 'The control units are being written: it is finished now.', {
    resolution: 'Wait for its result.',
    retryAfter: 60,
  });
}

export function notRetried(update: Pick<Update, 'state'>): Failure {
  if (isFinal(update)) return updateOver(update);
  return new Failure('conflict', 'update-not-failed', `The update is ${update.state.status}: nothing has failed.`);
}

export function unsafe(): Failure {
  return new Failure(
    'conflict',
    'vehicle-unsafe',
    'The vehicle must not be driven: nothing is tried where it stands.',
    {
      resolution: 'Have it towed, mark its case so, and retry there.',
    },
  );
}

function notOffered(): Failure {
  return new Failure('conflict', 'update-not-offered', 'The update is not offered to this vehicle yet.');
}

function offerChanged(): Failure {
  return new Failure('stale', 'offer-changed', 'The offer is not the one that was decided of any more.', {
    resolution: 'Read the offer again and send its `revision`.',
    errors: [{ pointer: '/revision', detail: 'is not the present one' }],
  });
}

function operatorConsents(): Failure {
  return new Failure('forbidden', 'operator-consents', 'For this vehicle the operator of its fleet consents.');
}

function ownerConsents(): Failure {
  return new Failure('forbidden', 'owner-consents', 'For this vehicle its owner or driver consents.');
}

export function anotherUnderWay(): Failure {
  return new Failure('conflict', 'another-update', 'The vehicle is busy with another update.', {
    resolution: 'Decide when that one is over.',
  });
}

function recallNotMuted(): Failure {
  return new Failure('conflict', 'recall-not-muted', 'This update belongs to a recall, which cannot be muted.', {
    resolution: 'Decline it, and be reminded, or choose a time for it.',
  });
}
