import type { Value } from './values.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The value that bytes hold as JSON; Undefined when they are something else. */
export function parseJson(bytes: Buffer): Value {
  try {
    const value: Value = JSON.parse(utf8.decode(bytes));
    return value;
  } catch {
    return undefined;
  }
}
