import type { Finding } from './finding.ts';
import type { Operation } from './history.ts';
import { groups, keyOf } from './uses.ts';

/** The same key, the same reservation; the same key for something else is refused. */
export function requestFindings(operations: readonly Operation[]): Finding[] {
  const done = operations.filter(({ operation, outcome }) => operation === 'hold' && outcome === 'done');
  return [...groups(done, keyOf)].flatMap(([, group]) => {
    const [first, ...others] = group;
    if (first === undefined) return [];
    const { key } = first;
    const another = others.find(({ reservation }) => reservation !== first.reservation);
    const different = others.find((one) => requestOf(one) !== requestOf(first));
    const names = `${first.reservation} and ${another?.reservation}`;
    return [
      ...(another === undefined ? [] : [found('key-reused', `The key ${key} got ${names}.`, first, another)]),
      ...(different === undefined
        ? []
        : [found('key-of-another', `Two requests have the key ${key}.`, first, different)]),
    ];
  });
}

function found(rule: 'key-reused' | 'key-of-another', text: string, ...by: readonly Operation[]): Finding {
  return { rule, text, operations: by.map(({ id }) => id) };
}

function requestOf({ car, asked = {} }: Operation): string {
  return JSON.stringify([car, Object.entries(asked).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
