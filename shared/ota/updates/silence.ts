import type { Instant } from '../../kernel/clock.ts';
import type { Connection } from '../../registry/presence.ts';
import type { RetryPolicy } from './retry-policy.ts';
import { isInstalling, isUnderWay, moved, type Update } from './update.ts';

const hour = 3_600_000;
/** A vehicle that is online and has said nothing for so long is stuck, unless the campaign says otherwise. */
export const usualSilenceHours = 48;

/**
 * What a long download says again and again is worth a write after it: a vehicle that is at work is not silent. Less
 * than the shortest patience that a campaign can have.
 */
export const worthAWord = 4 * hour;

export function silenceOf({ silenceHours = usualSilenceHours }: Pick<RetryPolicy, 'silenceHours'>): number {
  return silenceHours * hour;
}

/** Its silence was noticed, and it has said nothing since. */
export function isSilent({ story }: Pick<Update, 'story'>): boolean {
  return story.at(-1)?.what === 'silent';
}

/**
 * When a vehicle that has consented has been silent for too long; undefined where nothing is expected of it, or where
 * the installation's own patience counts.
 */
export function silentFrom(update: Update, policy: Pick<RetryPolicy, 'silenceHours'>): Instant | undefined {
  const { state, changedAt } = update;
  if (!isUnderWay(update) || isInstalling(update) || isSilent(update)) return undefined;
  const patience = silenceOf(policy);
  switch (state.status) {
    case 'retrying':
      return state.due + patience;
    case 'accepted':
      return changedAt + patience;
    case 'working':
      // Until the end of its window there may be nothing to say.
      return (state.phase === 'waiting' ? Math.max(changedAt, state.consent.to) : changedAt) + patience;
    default:
      return undefined;
  }
}

/** A vehicle that was gone for most of the time is parked somewhere; one that was there could have said something. */
export function couldSpeak({ changedAt }: Update, { connected, since }: Connection, now: Instant): boolean {
  return connected || (since !== undefined && since > changedAt + (now - changedAt) / 2);
}

export function silent(update: Update, now: Instant): Update {
  return moved(update, update.state, { at: now, what: 'silent' });
}
