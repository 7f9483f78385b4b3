import type { Finding, Rule } from './finding.ts';
import type { CarSeen, History } from './history.ts';
import { returned, type Sight } from './uses.ts';

/** A car as it was with one version, by everybody who saw it so. */
export interface Version {
  readonly version: number;
  readonly seen: CarSeen;
  readonly by: readonly number[];
}

type Numbered = Sight & { readonly version: number };

/** One version shows one thing, is written once, follows the one before, and is not seen when a later one had been. */
export function versionFindings({ head }: History, car: string, sights: readonly Sight[]): Finding[] {
  const numbered = sights.flatMap((sight): Numbered[] => {
    const { version } = sight.seen;
    return version === undefined ? [] : [{ ...sight, version }];
  });
  return [...twice(car, numbered), ...wentBack(car, numbered), ...(head.complete ? gaps(car, versionsOf(sights)) : [])];
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

const facts = [
  ...(['state', 'fence', 'admits', 'reservation', 'person', 'expiresAt', 'keyUntil', 'startedAt'] as const),
] as const;

function twice(car: string, sights: readonly Numbered[]): Finding[] {
  const firsts = new Map<number, Numbered>();
  const writers = new Map<number, number>();
  const findings: Finding[] = [];
  for (const sight of sights) {
    const { version, seen, by } = sight;
    const first = firsts.get(version) ?? sight;
    const writer = writers.get(version);
    const differs = facts.find((fact) => {
      const [one, other] = [first.seen[fact], seen[fact]];
      return one !== undefined && other !== undefined && one !== other;
    });
    const shows = `version ${version} shows`;
    if (differs !== undefined) {
      const text = `${car}: ${shows} the ${differs} ${first.seen[differs]} and ${seen[differs]}.`;
      findings.push({ rule: 'version-twice', text, operations: [first.by.id, by.id] });
    } else if (seen.wrote === true && writer !== undefined && writer !== by.id) {
      const text = `${car}: version ${version} was written twice.`;
      findings.push({ rule: 'version-twice', text, operations: [writer, by.id] });
    }
    firsts.set(version, first);
    if (seen.wrote === true) writers.set(version, by.id);
  }
  return findings;
}

/** Whoever begins after a version was seen sees it or a later one, and writes a later one. */
function wentBack(car: string, sights: readonly Numbered[]): Finding[] {
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
    const text = `${car}: version ${sight.version} came after version ${latest.version} had been seen.`;
    findings.push({ rule: 'version-back', text, operations: [latest.by.id, sight.by.id] });
  }
  return findings;
}

function gaps(car: string, versions: readonly Version[]): Finding[] {
  return between(versions).flatMap(([before, after]) => {
    if (after.version === before.version + 1) return [];
    const text = `${car}: from version ${before.version} it went to ${after.version}.`;
    return [found('version-gap', text, before, after)];
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
