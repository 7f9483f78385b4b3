/** Decides whether an event is of interest. */
export type EventPattern = (event: unknown) => boolean;

/** Decides about one value; `undefined` stands for a field that is not there. */
type Matcher = (value: unknown) => boolean;

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '=': (a, b) => a === b,
  '>=': (a, b) => a >= b,
  '>': (a, b) => a > b,
};

/**
 * Compiles an event pattern (EventBridge user guide, "Comparison operators"). Every field must match; the list of a
 * field names alternatives; a field that holds a list matches when one of its members does.
 *
 * @throws Error on an operator that the local cloud does not know
 */
export function compilePattern(pattern: unknown, path = ''): EventPattern {
  if (!isObject(pattern)) throw new Error(`The event pattern ${path || 'itself'} must be an object.`);
  const fields = Object.entries(pattern).map(([name, wanted]): [string, Matcher] => {
    const place = path === '' ? name : `${path}.${name}`;
    if (name.startsWith('$'))
      throw new Error(`The event pattern uses "${place}", which the local cloud does not know.`);
    return [name, Array.isArray(wanted) ? alternatives(wanted, place) : nested(compilePattern(wanted, place))];
  });
  if (fields.length === 0) throw new Error(`The event pattern ${path || 'itself'} is empty.`);
  return (event) => {
    const source = isObject(event) ? event : {};
    return fields.every(([name, matches]) => matches(source[name]));
  };
}

function nested(matches: EventPattern): Matcher {
  return (value) => (Array.isArray(value) ? value.some(matches) : matches(value));
}

function alternatives(wanted: readonly unknown[], place: string): Matcher {
  if (wanted.length === 0) throw new Error(`The event pattern of ${place} is an empty list.`);
  const matchers = wanted.map((one) => matcher(one, place));
  return (value) => matchers.some((matches) => matches(value));
}

function matcher(wanted: unknown, place: string): Matcher {
  if (!isObject(wanted)) return anyMember((value) => value === wanted);
  const [[operator, operand] = ['', undefined], ...more] = Object.entries(wanted);
  if (more.length > 0) throw new Error(`The event pattern of ${place} has two operators in one object.`);
  switch (operator) {
    case 'exists':
      // Only leaves exist: an object is not a value (user guide, "Exists matching").
      return (value) => (value !== undefined && !isObject(value)) === operand;
    case 'prefix':
      return anyMember(startsWith(text(operand, place)));
    case 'suffix': {
      const end = text(operand, place);
      return anyMember((value) => typeof value === 'string' && value.endsWith(end));
    }
    case 'equals-ignore-case': {
      const lower = text(operand, place).toLowerCase();
      return anyMember((value) => typeof value === 'string' && value.toLowerCase() === lower);
    }
    case 'anything-but':
      return anythingBut(operand, place);
    case 'numeric':
      return anyMember(numeric(operand, place));
    default:
      throw new Error(`The event pattern of ${place} uses "${operator}", which the local cloud does not know.`);
  }
}

function anythingBut(operand: unknown, place: string): Matcher {
  if (isObject(operand)) {
    const [[operator, prefix] = ['', undefined], ...more] = Object.entries(operand);
    if (operator !== 'prefix' || more.length > 0) {
      throw new Error(`The event pattern of ${place} uses "anything-but" with "${operator}", which is not known.`);
    }
    const matches = startsWith(text(prefix, place));
    return anyMember((value) => value !== undefined && !matches(value));
  }
  const excluded = new Set<unknown>(Array.isArray(operand) ? operand : [operand]);
  return anyMember((value) => value !== undefined && !excluded.has(value));
}

function numeric(operand: unknown, place: string): Matcher {
  if (!Array.isArray(operand) || operand.length < 2 || operand.length > 4 || operand.length % 2 !== 0) {
    throw new Error(`The event pattern of ${place} wants "numeric" as [operator, number, …].`);
  }
  const tests: ((value: number) => boolean)[] = [];
  for (let index = 0; index < operand.length; index += 2) {
    const compare = comparisons[String(operand[index])];
    const bound: unknown = operand[index + 1];
    if (compare === undefined || typeof bound !== 'number') {
      throw new Error(`The event pattern of ${place} uses "numeric" with ${JSON.stringify(operand)}.`);
    }
    tests.push((value) => compare(value, bound));
  }
  return (value) => typeof value === 'number' && tests.every((holds) => holds(value));
}

function startsWith(prefix: string): Matcher {
  return (value) => typeof value === 'string' && value.startsWith(prefix);
}

function anyMember(matches: Matcher): Matcher {
  return (value) => (Array.isArray(value) ? value.some(matches) : matches(value));
}

function text(operand: unknown, place: string): string {
  if (typeof operand === 'string') return operand;
  throw new Error(`The event pattern of ${place} wants text, not ${JSON.stringify(operand)}.`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
