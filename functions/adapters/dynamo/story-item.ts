import type { Decider, Happening, Moment, Story } from '#shared/ota/updates/story.ts';
import type { FailureClass, RemovalReason, Safety } from '#shared/ota/updates/update.ts';
import type { UpdatePhase } from '#shared/vehicle-cloud/update-envelopes.ts';

/**
 * A story as one short string, so that an update stays within one write unit: each moment is its code, and the
 * milliseconds since the moment before in base 36.
 *
 * @param begin the instant that the first moment is counted from
 */
export function storyText(story: Story, begin: number): string {
  let before = begin;
  const words = story.map((moment) => {
    const word = `${codeOf(moment)}.${(moment.at - before).toString(36)}`;
    before = moment.at;
    return word;
  });
  return words.join(' ');
}

export function storyOf(text: string, begin: number): Story {
  let at = begin;
  return text.split(' ').map((word): Moment => {
    const [code = '', since = ''] = word.split('.');
    const happening = happeningOf(code);
    at += Number.parseInt(since, 36);
    if (happening === undefined || !Number.isSafeInteger(at)) throw new TypeError(`No moment of an update: ${word}`);
    return { at, ...happening };
  });
}

// A letter that was given away once keeps its meaning: it stands in the table.
const letters = {
  ...{ offered: 'o', deferred: 'q', accepted: 'a', declined: 'n', muted: 'm', phase: 'p', failed: 'f', retried: 'r' },
  ...{ installed: 'k', 'owner-changed': 'w', cancelled: 'x', removed: 'z', silent: 's', more: 'l', repaired: 'y' },
} as const satisfies Record<Happening['what'], string>;

const deciders = { owner: 'o', driver: 'd', operator: 'f' } as const satisfies Record<Decider, string>;
const phases = {
  ...{ downloading: 'd', waiting: 'w', installing: 'i', checking: 'c', 'falling-back': 'b' },
} as const satisfies Record<UpdatePhase, string>;
const errors = {
  ...{ network: 'n', storage: 's', verification: 'v', precondition: 'p', installation: 'i', health: 'h' },
  ...{ incompatible: 'x', power: 'e', cancelled: 'c', unrecovered: 'u', 'timed-out': 't' },
} as const satisfies Record<FailureClass, string>;
const safeties = { safe: 's', 'unsafe-to-drive': 'u', unknown: 'k' } as const satisfies Record<Safety, string>;
const retriers = { schedule: 's', assistance: 'a' } as const;
const cancellers = { campaign: 'c', assistance: 'a' } as const;
const reasons = {
  ...{ 'not-needed': 'n', 'not-eligible': 'e', 'vehicle-retired': 'r' },
} as const satisfies Record<RemovalReason, string>;

function codeOf(happening: Happening): string {
  return letters[happening.what] + detailOf(happening);
}

function detailOf(happening: Happening): string {
  switch (happening.what) {
    case 'accepted':
    case 'declined':
    case 'muted':
      return deciders[happening.by];
    case 'phase':
      return phases[happening.phase];
    case 'failed':
      return errors[happening.error] + safeties[happening.safety];
    case 'retried':
      return retriers[happening.by];
    case 'cancelled':
      return cancellers[happening.by];
    case 'removed':
      return reasons[happening.reason];
    case 'more':
      return happening.times.toString(36);
    case 'offered':
    case 'deferred':
    case 'installed':
    case 'owner-changed':
    case 'silent':
    case 'repaired':
      return '';
  }
}

/** Everything that can be said, but how many moments were let go of. */
const happenings = new Map(
  [
    ...(['offered', 'deferred', 'installed', 'owner-changed', 'silent', 'repaired'] as const).map((what) => ({ what })),
    ...(['accepted', 'declined', 'muted'] as const).flatMap((what) => names(deciders).map((by) => ({ what, by }))),
    ...names(phases).map((phase) => ({ what: 'phase' as const, phase })),
    ...names(errors).flatMap((error) => names(safeties).map((safety) => ({ what: 'failed' as const, error, safety }))),
    ...names(retriers).map((by) => ({ what: 'retried' as const, by })),
    ...names(cancellers).map((by) => ({ what: 'cancelled' as const, by })),
    ...names(reasons).map((reason) => ({ what: 'removed' as const, reason })),
  ].map((happening: Happening) => [codeOf(happening), happening]),
);

function happeningOf(code: string): Happening | undefined {
  if (!code.startsWith(letters.more)) return happenings.get(code);
  return { what: 'more', times: Number.parseInt(code.slice(letters.more.length), 36) };
}

function names<Name extends string>(table: Readonly<Record<Name, string>>): readonly Name[] {
  const all: Name[] = [];
  for (const name in table) all.push(name);
  return all;
}
