import type { Instant } from '../../kernel/clock.ts';
import type { UpdatePhase } from '../../vehicle-cloud/update-envelopes.ts';
import type { FailureClass, RemovalReason, Safety } from './update.ts';

/** What happened to one vehicle's update, the oldest first: at most `longest` moments, of roles and never of persons. */
export type Story = readonly Moment[];

export type Moment = { readonly at: Instant } & Happening;

export type Happening =
  | { readonly what: 'offered' }
  /** Its turn had come, but something more urgent was in the way. */
  | { readonly what: 'deferred' }
  | { readonly what: 'accepted' | 'declined' | 'muted'; readonly by: Decider }
  /** The vehicle said that it is here now; quick downloads and waits without a reason are not told. */
  | { readonly what: 'phase'; readonly phase: UpdatePhase }
  | { readonly what: 'failed'; readonly error: FailureClass; readonly safety: Safety }
  | { readonly what: 'retried'; readonly by: 'schedule' | 'assistance' }
  | { readonly what: 'installed' }
  | { readonly what: 'owner-changed' }
  | { readonly what: 'cancelled'; readonly by: 'campaign' | 'assistance' }
  | { readonly what: 'removed'; readonly reason: RemovalReason }
  /** It was online, should have said something, and has not. */
  | { readonly what: 'silent' }
  /** A workshop has repaired what was not safe to drive. */
  | { readonly what: 'repaired' }
  /** So many moments before this instant were let go of, so that the story stays short. */
  | { readonly what: 'more'; readonly times: number };

export const happenings = [
  ...(['offered', 'deferred', 'accepted', 'declined', 'muted', 'phase', 'failed', 'retried', 'installed'] as const),
  ...(['owner-changed', 'cancelled', 'removed', 'silent', 'repaired', 'more'] as const),
] as const satisfies readonly Happening['what'][];

export type Decider = 'owner' | 'driver' | 'operator';
export type Canceller = Extract<Happening, { what: 'cancelled' }>['by'];

/** The beginning tells how it came to it, the end what is now; retries in between resemble each other. */
const first = 8;
const last = 11;
const longest = first + 1 + last;

/** The story with one more moment. */
export function told(story: Story, moment: Moment): Story {
  const all = [...story, moment];
  if (all.length <= longest) return all;
  const between = all.slice(first, all.length - last);
  const times = between.reduce((sum, one) => sum + (one.what === 'more' ? one.times : 1), 0);
  const at = between.at(-1)?.at ?? moment.at;
  return [...all.slice(0, first), { at, what: 'more', times }, ...all.slice(-last)];
}

/** As the owner since then may see it: nothing of a former one's decisions, nor of how campaigns wait for each other. */
export function storySince(story: Story, since: Instant): Story {
  return story.filter(({ at, what }) => at >= since && what !== 'deferred');
}
