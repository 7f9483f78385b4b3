import type { SqlFunction } from './sql-function.ts';
import { toInt, toText, type Value } from './values.ts';

/** A function of texts: an argument that has no text makes the result Undefined. */
function ofTexts(count: number, compute: (...texts: string[]) => Value): SqlFunction {
  return {
    arguments: [count, count],
    call: (values) => {
      const texts = values.map(toText).filter((text) => text !== undefined);
      return texts.length === count ? compute(...texts) : undefined;
    },
  };
}

const one = (compute: (text: string) => Value) => ofTexts(1, (text = '') => compute(text));
const two = (compute: (text: string, other: string) => Value) =>
  ofTexts(2, (text = '', other = '') => compute(text, other));
const three = (compute: (text: string, other: string, third: string) => Value) =>
  ofTexts(3, (text = '', other = '', third = '') => compute(text, other, third));

export const textFunctions: Readonly<Record<string, SqlFunction>> = {
  chr: { arguments: [1, 1], call: ([code]) => character(toInt(code)) },
  endswith: two((text, end) => text.endsWith(end)),
  indexof: two((text, part) => text.indexOf(part)),
  length: one((text) => text.length),
  lower: one((text) => text.toLowerCase()),
  lpad: { arguments: [2, 2], call: ([value, count]) => padded(value, count, (text, spaces) => spaces + text) },
  ltrim: one((text) => text.replace(/^[ \t]+/, '')),
  numbytes: one((text) => Buffer.byteLength(text, 'utf8')),
  regexp_matches: two((text, pattern) => javaPattern(pattern)?.test(text)),
  regexp_replace: three(replaceMatches),
  regexp_substr: two((text, pattern) => javaPattern(pattern)?.exec(text)?.[0]),
  replace: three((text, part, by) => text.split(part).join(by)),
  rpad: { arguments: [2, 2], call: ([value, count]) => padded(value, count, (text, spaces) => text + spaces) },
  rtrim: one((text) => text.replace(/[ \t]+$/, '')),
  startswith: two((text, start) => text.startsWith(start)),
  substring: { arguments: [2, 3], call: substring },
  trim: one((text) => text.replace(/^[ \t]+|[ \t]+$/g, '')),
  upper: one((text) => text.toUpperCase()),
};

function character(code: number | undefined): Value {
  return code !== undefined && code >= 0 && code <= 127 ? String.fromCharCode(code) : undefined;
}

function padded(value: Value, count: Value, join: (text: string, spaces: string) => string): Value {
  const [text, wanted] = [toText(value), toInt(count)];
  if (text === undefined || wanted === undefined) return undefined;
  return join(text, ' '.repeat(Math.min(1000, Math.max(0, wanted))));
}

function substring(values: readonly Value[]): Value {
  const [value, start, end] = values;
  const [text, from] = [toText(value), toInt(start)];
  const to = values.length === 3 ? toInt(end) : text?.length;
  if (text === undefined || from === undefined || to === undefined) return undefined;
  return from >= to ? '' : text.slice(Math.max(0, from), Math.max(0, to));
}

/**
 * Rules hold regular expressions of Java. What both languages write alike is understood; the rest
 * (possessive quantifiers, `\Q…\E`, inline flags) is refused by the strict mode and gives Undefined.
 */
export function javaPattern(pattern: string, flags = ''): RegExp | undefined {
  try {
    return new RegExp(pattern, `u${flags}`);
  } catch {
    return undefined;
  }
}

/** Java's replacement text: `$1` and `${name}` are groups, a backslash makes the next character literal. */
function replaceMatches(text: string, pattern: string, replacement: string): Value {
  const expression = javaPattern(pattern, 'g');
  if (expression === undefined) return undefined;
  let result = '';
  let end = 0;
  for (const match of text.matchAll(expression)) {
    const inserted = expand(replacement, match);
    if (inserted === undefined) return undefined;
    result += text.slice(end, match.index) + inserted;
    end = match.index + match[0].length;
  }
  return result + text.slice(end);
}

function expand(replacement: string, match: RegExpExecArray): string | undefined {
  let valid = true;
  const expanded = replacement.replaceAll(
    /\\(.)|\$(\d)|\$\{([A-Za-z][A-Za-z0-9]*)\}|\$|\\/gs,
    (_, literal?: string, index?: string, name?: string) => {
      if (literal !== undefined) return literal;
      if (index !== undefined && Number(index) < match.length) return match[Number(index)] ?? '';
      if (name !== undefined && match.groups !== undefined && name in match.groups) return match.groups[name] ?? '';
      valid = false;
      return '';
    },
  );
  return valid ? expanded : undefined;
}
