import type { PersonId } from '../../access/person.ts';
import type { Instant } from '../../kernel/clock.ts';
import type { UpdatePhase, UpdateReport } from '../../vehicle-cloud/update-envelopes.ts';
import { anotherUnderWay, installing, notRetried, unsafe, updateOver } from './decision.ts';
import { type RetryPolicy, retryAt } from './retry-policy.ts';
import { isSilent, worthAWord } from './silence.ts';
import type { Canceller, Moment } from './story.ts';
import {
  type Consent,
  type Failed,
  type FailureClass,
  isFinal,
  isInstalling,
  isUnderWay,
  moved,
  type RemovalReason,
  reoffered,
  type Update,
  type Working,
} from './update.ts';

export type Progress = Extract<UpdateReport, { kind: 'progress' }>;
export type Result = Extract<UpdateReport, { kind: 'result' }>;
export type Repaired = Extract<UpdateReport, { kind: 'repaired' }>;

/** A download is worth a write when it takes longer than this. */
const quickDownload = 10 * 60_000;

const longestDetail = 180;
const day = 24 * 3_600_000;

const writing: readonly UpdatePhase[] = ['installing', 'checking', 'falling-back'];

/** Its turn has come; the very same update where something more urgent of the vehicle's is in the way already. */
export function offered(update: Update, others: readonly Update[], now: Instant): Update {
  if (update.state.status !== 'waiting') return update;
  if (!others.some((other) => blocks(other, update)))
    return reoffered(update, { status: 'offered' }, { at: now, what: 'offered' });
  if (update.state.behind === true) return update;
  return moved(update, { status: 'waiting', behind: true }, { at: now, what: 'deferred' });
}

/** What somebody has consented to is finished first; of two offers the more urgent one is made. */
function blocks(other: Update, update: Update): boolean {
  return isUnderWay(other) || (other.state.status === 'offered' && other.priority > update.priority);
}

/** The most urgent of those whose turn had come while something else was in the way. */
export function nextBehind(updates: readonly Update[]): Update | undefined {
  return updates
    .filter(({ state }) => state.status === 'waiting' && state.behind === true)
    .sort((one, other) => other.priority - one.priority)[0];
}

/** @returns the very same update for a report that is late, repeated, or of another attempt */
export function progressed(update: Update, report: Progress, now: Instant): Update {
  const { state } = update;
  if (!isNews(update, report)) return update;
  // What was given up for its silence and speaks again was not lost.
  if (state.status !== 'accepted' && state.status !== 'working' && !isThoughtLost(update)) return update;
  if (!('consent' in state)) return update;
  const { phase, percent } = report;
  const isSame = report.attempt === update.attempt;
  if (!isSilent(update)) {
    if (isSame && state.status === 'working' && !isNotable(state, report, now - update.changedAt)) return update;
    if (state.status === 'accepted' && phase === 'downloading' && now - update.changedAt < quickDownload) return update;
  }
  const since = state.status === 'working' ? state.installingSince : undefined;
  const installingSince = writing.includes(phase) ? (since ?? now) : undefined;
  const next = {
    ...{ status: 'working' as const, consent: state.consent, phase, percent: Math.round(percent) },
    ...(installingSince !== undefined && { installingSince }),
  };
  const moment = { at: now, what: 'phase', phase } as const;
  return { ...moved(update, next, moment), attempt: report.attempt, heard: report.sequence };
}

/** @returns the very same update for a report that is late, repeated, or of another attempt */
export function concluded(update: Update, report: Result, policy: RetryPolicy, now: Instant): Update {
  const { state } = update;
  if (!isNews(update, report) || !('consent' in state) || (!isUnderWay(update) && !isThoughtLost(update)))
    return update;
  const heard = { attempt: report.attempt, heard: report.sequence };
  if (report.outcome === 'installed') {
    return { ...reoffered(update, { status: 'installed' }, { at: now, what: 'installed' }), ...heard };
  }
  const { error, detail, ecuId, attack, safety } = report;
  const failure: Failed = {
    ...{ status: 'failed', error, safety, consent: state.consent, detail: sentenceOf(detail) },
    ...(ecuId !== undefined && { ecuId }),
    ...(attack !== undefined && { attack }),
  };
  return { ...failed(update, failure, policy, now), ...heard, over: report.attempt };
}

/** What is kept of it beside the story, in an item of one write unit. */
function sentenceOf(detail: string): string {
  const characters = [...detail];
  return characters.length <= longestDetail ? detail : `${characters.slice(0, longestDetail - 1).join('')}…`;
}

/** Nothing was heard of an installation for so long that nothing will be. */
export function timedOut(update: Update, policy: RetryPolicy, now: Instant): Update {
  const { state } = update;
  if (state.status !== 'working' || state.installingSince === undefined) return update;
  if (now - state.installingSince < policy.installMinutes * 60_000) return update;
  return failed(
    update,
    { status: 'failed', error: 'timed-out', safety: 'unknown', consent: state.consent },
    policy,
    now,
  );
}

function failed(update: Update, failure: Failed, policy: RetryPolicy, now: Instant): Update {
  const failures = update.failures + 1;
  const { error, consent, safety } = failure;
  const moment = { at: now, what: 'failed', error, safety } as const;
  // Whoever owns it now was not asked.
  if (consent.voided === true && safety !== 'unsafe-to-drive') {
    return reoffered(update, { status: 'offered' }, moment, { failures });
  }
  const due = safety === 'unsafe-to-drive' ? undefined : retryAt(policy, error, update.failures, now);
  if (due === undefined) return reoffered(update, failure, moment, { failures });
  return reoffered(update, { status: 'retrying', consent, error, due }, moment, { failures });
}

/** The pause after a failure is over. */
export function retried(update: Update, now: Instant): Update {
  const { state } = update;
  if (state.status !== 'retrying' || state.due > now) return update;
  return again(update, state.consent, { at: now, what: 'retried', by: 'schedule' });
}

/**
 * Somebody who assists has it tried once more. Once more changes nothing.
 *
 * @param others the vehicle's other updates
 * @param inWorkshop it stands where somebody looks at it, for a day at least
 * @throws Failure where it is over otherwise, at work, or not to be driven and on the road
 */
export function retriedByHand(update: Update, others: readonly Update[], now: Instant, inWorkshop = false): Update {
  const { state, story } = update;
  const last = story.at(-1);
  if (last?.what === 'retried' && last.by === 'assistance') return update;
  if (isInstalling(update)) throw installing();
  const isStuck = (state.status === 'accepted' || state.status === 'working') && isSilent(update);
  if (state.status !== 'failed' && state.status !== 'retrying' && !isStuck) throw notRetried(update);
  if (state.status === 'failed' && state.safety === 'unsafe-to-drive' && !inWorkshop) throw unsafe();
  if (others.some(isUnderWay)) throw anotherUnderWay();
  const consent = inWorkshop ? { ...state.consent, from: now, to: now + day } : state.consent;
  return again(update, consent, { at: now, what: 'retried', by: 'assistance' });
}

/** As it was consented to; where that time is over, or who consented is the owner no more, it is offered anew. */
function again(update: Update, consent: Consent, moment: Moment): Update {
  if (consent.voided === true || consent.to <= moment.at) return reoffered(update, { status: 'offered' }, moment);
  return reoffered(update, { status: 'accepted', consent }, moment);
}

/**
 * Once more changes nothing.
 *
 * @param by as the audit names them
 * @throws Failure where it is over otherwise, or being installed
 */
export function cancelled(update: Update, by: string, now: Instant, role: Canceller = 'campaign'): Update {
  if (update.state.status === 'cancelled') return update;
  if (isFinal(update)) throw updateOver(update);
  if (isInstalling(update)) throw installing();
  return reoffered(
    update,
    { status: 'cancelled', by },
    { at: now, what: 'cancelled', by: role },
    { over: update.attempt },
  );
}

/** What failed stays failed, but the vehicle may be driven again: a workshop has looked after it. */
export function repaired(update: Update, report: Repaired, now: Instant): Update {
  const { state } = update;
  if (state.status !== 'failed' || state.safety !== 'unsafe-to-drive' || report.attempt !== update.attempt)
    return update;
  return { ...moved(update, { ...state, safety: 'safe' }, { at: now, what: 'repaired' }), heard: report.sequence };
}

/** The vehicle is not what the campaign is for any more. */
export function removed(update: Update, reason: RemovalReason, now: Instant): Update {
  if (isFinal(update) || isInstalling(update)) return update;
  return reoffered(update, { status: 'removed', reason }, { at: now, what: 'removed', reason });
}

/**
 * What the former owner decided binds nobody any more.
 *
 * @param since when the change took place
 * @param owner whose the vehicle is now
 */
export function ownerChanged(update: Update, since: Instant, now: Instant, owner?: PersonId): Update {
  const { state } = update;
  if (isFinal(update) || since <= (update.ownerSince ?? 0) || update.consentBy === 'operator') return update;
  if (state.status === 'waiting') return update;
  // What was offered or decided since is the new owner's; but a consent that raced with the change names who gave it.
  const isTheirs = !('consent' in state) || state.consent.personId === owner;
  if (isTheirs && ('consent' in state ? state.consent.at : update.changedAt) >= since) return update;
  const [seen, moment] = [{ ownerSince: since }, { at: now, what: 'owner-changed' } as const];
  if (isInstalling(update) && state.status === 'working') {
    return { ...moved(update, { ...state, consent: { ...state.consent, voided: true } }, moment), ...seen };
  }
  return reoffered(update, { status: 'offered' }, moment, { ...seen, over: update.attempt });
}

/**
 * Whether it is worth a write: another phase, where only a wait for something that does not hold is one, and checking
 * belongs to the installation.
 */
function isNotable({ phase }: Working, report: Progress, silence: number): boolean {
  if (report.phase === 'downloading' && silence >= worthAWord) return true;
  if (report.phase === phase || report.phase === 'checking') return false;
  return report.phase !== 'waiting' || (report.waitsFor ?? []).length > 0;
}

function isNews(
  { attempt: known, heard, over }: Update,
  { attempt, sequence }: { readonly attempt: number; readonly sequence: number },
): boolean {
  return attempt > over && (attempt > known || (attempt === known && sequence > heard));
}

/** It was silent for too long, which is no final word. */
function isThoughtLost({ state }: Update): boolean {
  return state.status === 'retrying' && isTimeout(state.error);
}

function isTimeout(error: FailureClass): boolean {
  return error === 'timed-out';
}
