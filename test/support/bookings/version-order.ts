import type { Finding, Rule } from './finding.ts';
import type { CarSeen, History, Operation, PersonSeen } from './history.ts';
import { returned, type Sight } from './uses.ts';

/** A car as it was with one version, by everybody who saw it so. */
export interface Version {
  readonly version: number;
  readonly seen: CarSeen;
  readonly by: readonly number[];
}

/** A car or a person, as an operation saw it. */
interface Look {
  readonly seen: CarSeen | PersonSeen;
  readonly by: Operation;
}
type Numbered = Look & { readonly version: number };

/** One version shows one thing, is written once, follows the one before, and is not seen when a later one had been. */
export function versionFindings({ head }: History, name: string, sights: readonly Look[]): Finding[] {
  const numbered = sights.flatMap((sight): Numbered[] => {
    const { version } = sight.seen;
    return version === undefined ? [] : [{ ...sight, version }];
  });
  return [...twice(name, numbered), ...wentBack(name, numbered), ...(head.complete ? gaps(name, numbered) : [])];
}

/** In their order; what several saw of one is put together. */
export function versionsOf(sights: readonly Sight[]): Version[] {
  const found = new Map<number, Version>();
  for (const { seen, by } of sights) {
    const { version } = seen;
    if (version === undefined) continue;
    const before = found.get(version);
    found.set(version, { version, seen: { ...before?.seen, ...seen }, by: [...(before?.by.slice(0, 3) ?? []), by.id] });
  }
  return [...found.values()].sort((a, b) => a.version - b.version);
}

/** In what two differ who saw one version. */
function difference(one: Look['seen'], other: Look['seen']): string | undefined {
  const others: ReadonlyMap<string, unknown> = new Map(Object.entries(other));
  for (const [name, value] of Object.entries(one)) {
    const its = others.get(name);
    const isFact = !manners.has(name) && [value, its].every((fact) => fact !== undefined && !Array.isArray(fact));
    if (isFact && value !== its) return `the ${name} ${value} and ${its}`;
  }
  return undefined;
}

/** How it was seen, not what. */
const manners: ReadonlySet<string> = new Set(['wrote', 'stale']);

function twice(name: string, sights: readonly Numbered[]): Finding[] {
  const firsts = new Map<number, Numbered>();
  const writers = new Map<number, number>();
  const findings: Finding[] = [];
  for (const sight of sights) {
    const { version, seen, by } = sight;
    const first = firsts.get(version) ?? sight;
    const writer = writers.get(version);
    const differs = difference(first.seen, seen);
    if (differs !== undefined) {
      const text = `${name}: version ${version} shows ${differs}.`;
      findings.push({ rule: 'version-twice', text, operations: [first.by.id, by.id] });
    } else if (seen.wrote === true && writer !== undefined && writer !== by.id) {
      const text = `${name}: version ${version} was written twice.`;
      findings.push({ rule: 'version-twice', text, operations: [writer, by.id] });
    }
    firsts.set(version, first);
    if (seen.wrote === true) writers.set(version, by.id);
  }
  return findings;
}

/** Whoever begins after a version was seen sees it or a later one, and writes a later one. */
function wentBack(name: string, sights: readonly Numbered[]): Finding[] {
  const begins = sights.filter(({ seen }) => seen.stale !== true).sort((a, b) => a.by.invokedAt - b.by.invokedAt);
  const ends = [...sights].sort((a, b) => returned(a.by) - returned(b.by));
  const findings: Finding[] = [];
  let latest: Numbered | undefined;
  let ended = 0;
  for (const sight of begins) {
    for (let next = ends[ended]; next !== undefined && returned(next.by) < sight.by.invokedAt; next = ends[ended]) {
      if (latest === undefined || next.version > latest.version) latest = next;
      ended += 1;
    }
    if (latest === undefined) continue;
    const isBack = sight.seen.wrote === true ? sight.version <= latest.version : sight.version < latest.version;
    if (!isBack) continue;
    const text = `${name}: version ${sight.version} came after version ${latest.version} had been seen.`;
    findings.push({ rule: 'version-back', text, operations: [latest.by.id, sight.by.id] });
  }
  return findings;
}

function gaps(name: string, sights: readonly Numbered[]): Finding[] {
  const seenBy = new Map(sights.map(({ version, by }) => [version, by.id]));
  const versions = [...seenBy].sort(([a], [b]) => a - b);
  return versions.flatMap(([version, by], place): Finding[] => {
    const [before, earlier] = versions[place - 1] ?? [version - 1, by];
    if (version === before + 1) return [];
    const text = `${name}: from version ${before} it went to ${version}.`;
    return [{ rule: 'version-gap', text, operations: [earlier, by] }];
  });
}

export function found(rule: Rule, text: string, ...versions: readonly Version[]): Finding {
  return { rule, text, operations: versions.flatMap(({ by }) => by.slice(0, 1)) };
}

/** Each with the next that was seen. */
export function between(versions: readonly Version[]): [Version, Version][] {
  return versions.flatMap((after, place) => {
    const before = versions[place - 1];
    return before === undefined ? [] : [[before, after]];
  });
}
