import type { Instant } from '../../kernel/clock.ts';
import type { Brand } from '../../registry/brand.ts';
import { isSilent } from '../updates/silence.ts';
import { isFinal, type Update } from '../updates/update.ts';
import {
  type AssistanceCase,
  type ClosingReason,
  closedBy,
  isOpen,
  openedFor,
  platform,
  type Trouble,
  withEntry,
} from './case.ts';

/** What is wrong with an update as it is now, where somebody has to look at it. */
export function troubleOf(update: Update): Trouble | undefined {
  const { state } = update;
  switch (state.status) {
    case 'failed': {
      const { error, safety, detail, ecuId, attack } = state;
      return {
        ...{ kind: error === 'timed-out' ? 'stuck' : 'failed', error, safety },
        ...(detail !== undefined && { detail }),
        ...(ecuId !== undefined && { ecuId }),
        ...(attack !== undefined && { attack }),
      };
    }
    case 'retrying':
      // Nobody knows how it stands there: that it will be tried again says nothing of it.
      return state.error === 'timed-out' ? { kind: 'stuck', error: state.error, safety: 'unknown' } : undefined;
    case 'accepted':
      return isSilent(update) ? { kind: 'stuck', safety: 'unknown' } : undefined;
    case 'working':
      return isSilent(update) ? { kind: 'stuck', safety: 'unknown', phase: state.phase } : undefined;
    default:
      return undefined;
  }
}

/** Whether an update may have a case, or should: everybody else's costs no look. */
export function mayHaveCase(update: Update): boolean {
  if (isFinal(update)) return true;
  return update.story.some(({ what }) => what === 'failed' || what === 'silent' || what === 'more');
}

/**
 * The case of a vehicle after its update has changed; the very same one where that changes nothing, and undefined where
 * there is none. An update's changes may come again, and late.
 */
export function heard(
  known: AssistanceCase | undefined,
  update: Update,
  brand: Brand,
  now: Instant,
): AssistanceCase | undefined {
  const trouble = asKnown(troubleOf(update), known);
  if (known === undefined) {
    return trouble === undefined
      ? undefined
      : openedFor(update, brand, trouble, { at: now, by: platform, what: 'opened' });
  }
  if (update.version <= known.heard) return known;
  const seen = { heard: update.version };
  if (isMadeSafe(update)) return madeSafe(known, update.version, now);
  if (trouble !== undefined) {
    const isAgain = isOpen(known);
    const entry = { at: now, by: platform, what: isAgain ? 'failed-again' : 'opened' } as const;
    const { towedAt: _, ...road } = known;
    // A vehicle whose case was closed has left the workshop.
    const from = isAgain ? known : { ...road, openedAt: now, state: { status: 'open' } as const };
    return withEntry(from, entry, { trouble, ...seen });
  }
  if (!isOpen(known)) return known;
  const reason = endOf(known, update);
  if (reason !== undefined) {
    return { ...closedBy(known, { at: now, by: platform, what: 'closed' }, reason), ...seen };
  }
  const speaksAgain = known.trouble.kind === 'stuck' && update.state.status === 'working';
  return speaksAgain ? withEntry(known, { at: now, by: platform, what: 'heard-of' }, seen) : known;
}

/** A workshop has looked after it, and nothing has happened since. */
export function isMadeSafe({ state, story }: Pick<Update, 'state' | 'story'>): boolean {
  return state.status === 'failed' && story.at(-1)?.what === 'repaired';
}

/**
 * It may be driven again, as the update's own story tells, and still has not the software that it was to have: whoever
 * assists decides about that, and closes the case. One that was closed before stays so.
 */
function madeSafe(known: AssistanceCase, version: number, now: Instant): AssistanceCase {
  const { trouble } = known;
  if (!isOpen(known) || trouble.safety !== 'unsafe-to-drive') return known;
  const safe = { trouble: { ...trouble, safety: 'safe' }, heard: version } as const;
  return { ...known, ...safe, changedAt: now, version: known.version + 1 };
}

/** Silence takes back nothing: what must not be driven stays so until it says something else. */
function asKnown(trouble: Trouble | undefined, known: AssistanceCase | undefined): Trouble | undefined {
  if (trouble?.safety !== 'unknown' || known === undefined || !isOpen(known)) return trouble;
  return { ...trouble, safety: known.trouble.safety };
}

function endOf({ trouble }: AssistanceCase, { state }: Update): ClosingReason | undefined {
  if (state.status === 'installed') return 'installed';
  // Taking its update back makes no vehicle whole.
  if (trouble.safety === 'unsafe-to-drive') return undefined;
  switch (state.status) {
    case 'cancelled':
    case 'removed':
      return 'taken-back';
    case 'offered':
    case 'declined':
    case 'muted':
      // The vehicle runs its old software, and whoever drives it decides anew.
      return trouble.kind === 'handed-over' ? undefined : 'offered-anew';
    case 'waiting':
    case 'accepted':
    case 'working':
    case 'retrying':
    case 'failed':
      return undefined;
  }
}
