import type { Finding } from './finding.ts';
import type { History, Operation, PersonSeen } from './history.ts';
import { groups, type Use } from './uses.ts';
import { versionFindings } from './version-order.ts';

interface PersonSight {
  readonly seen: PersonSeen;
  readonly by: Operation;
}

/** What was seen of persons: their versions, and that they have what they asked for and nothing else. */
export function personFindings(history: History, uses: ReadonlyMap<string, Use>): Finding[] {
  const sights = history.operations.flatMap((by) =>
    (by.seen ?? []).flatMap((seen): PersonSight[] => (seen.of === 'person' ? [{ seen, by }] : [])),
  );
  const confirmed = groups(
    [...uses.values()].filter((use) => use.confirmed),
    nameOf,
  );
  return [...groups(sights, ({ seen }) => nameOf(seen))].flatMap(([name, its]) => [
    ...versionFindings(history, name, its),
    ...its.flatMap(({ seen, by }) => notTheirs(name, seen, by, uses)),
    ...(history.head.complete ? lost(name, confirmed.get(name) ?? [], its) : []),
  ]);
}

function nameOf({ person, operator }: { readonly person: string; readonly operator: string }): string {
  return `${person} with ${operator}`;
}

function notTheirs(
  name: string,
  { reservation, person, operator }: PersonSeen,
  by: Operation,
  uses: ReadonlyMap<string, Use>,
): Finding[] {
  if (typeof reservation !== 'string') return [];
  const use = uses.get(reservation);
  if (use?.person === person && use.operator === operator) return [];
  return [{ rule: 'hold-of-nobody', text: `${name} has ${reservation} and never asked for it.`, operations: [by.id] }];
}

function lost(name: string, uses: readonly Use[], sights: readonly PersonSight[]): Finding[] {
  const seen = new Set(sights.map((sight) => sight.seen.reservation));
  const missing = uses.filter(({ reservation }) => !seen.has(reservation));
  return missing.map(({ reservation, attempts }): Finding => {
    const text = `${name}: ${reservation} was confirmed, and no version of theirs shows it.`;
    return { rule: 'hold-lost', text, operations: attempts.map(({ id }) => id) };
  });
}
