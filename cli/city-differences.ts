/** What differs between two documents, a line a member: `perMinute: 29 → 31`. Lists are compared by the ids in them. */
export function differences(before: unknown, after: unknown): readonly string[] {
  const [old, now] = [leaves(before), leaves(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])];
  return names
    .filter((name) => old.get(name) !== now.get(name))
    .map((name) => `${name}: ${shown(old.get(name))} → ${shown(now.get(name))}`);
}

const idNames = ['vehicleTypeId', 'packageId', 'zoneId', 'planId'];
const longest = 60;

function leaves(value: unknown, path = ''): ReadonlyMap<string, string> {
  const members = membersOf(value);
  if (members === undefined) return new Map([[path, JSON.stringify(value)]]);
  const all = members.flatMap(([name, member]) => [...leaves(member, path === '' ? name : `${path}.${name}`)]);
  return new Map(all);
}

/** Undefined where it is shown as a whole: numbers, texts, positions. */
function membersOf(value: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return Object.entries(value);
  const named = value.map((item: unknown) => [idOf(item), item] as const);
  return named.length > 0 && named.every(([name]) => name !== '') ? named : undefined;
}

function idOf(item: unknown): string {
  if (typeof item !== 'object' || item === null) return '';
  const members = new Map<string, unknown>(Object.entries(item));
  const id = idNames.map((name) => members.get(name)).find((one) => typeof one === 'string');
  return typeof id === 'string' ? id : '';
}

function shown(text: string | undefined): string {
  if (text === undefined) return 'nothing';
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}
