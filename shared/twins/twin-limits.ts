import { Failure, type FieldError } from '../kernel/failure.ts';
import { isSettings, type Settings, type TwinDocument } from './twin.ts';

/** The smaller of what any device cloud takes: a vehicle may move from one to the other. */
export const twinLimits = {
  /** Of the settings of one twin, as JSON in UTF-8. */
  bytes: 8 * 1024,
  /** Of all that partners have had set in the twins of one vehicle: the rest is for what the platform says to it. */
  partnersBytes: 20 * 1024,
  /** Objects and lists in one another, the settings themselves being the first. */
  depth: 6,
  /** Of a text, in UTF-8. */
  textBytes: 4 * 1024,
  /** Of a key, in UTF-8. */
  keyBytes: 128,
  /** Of a whole number, on both sides of zero. */
  whole: 4_503_599_627_370_495,
} as const;

/** Dots, dollars, spaces and control characters mean something to some device cloud. */
const strange = /[.$\s\p{Cc}]/u;

const utf8 = new TextEncoder();

/** Throws `twin-not-acceptable` or `twin-too-large`, naming what is wrong, for settings that some device cloud refuses. */
export function requireAcceptable(patch: Settings | null): void {
  if (patch === null) return;
  const deep = deepIn(patch, '/desired', twinLimits.depth);
  if (deep !== undefined)
    throw notAcceptable({ pointer: deep, detail: `is nested more than ${twinLimits.depth} deep` });
  if (bytesOf(JSON.stringify(patch)) > twinLimits.bytes) throw tooLarge();
  const fault = faultIn(patch, '/desired');
  if (fault !== undefined) throw notAcceptable(fault);
}

/** Throws `twin-too-large` for what would be more than a twin holds: for device clouds that count otherwise. */
export function requireRoom({ desired, reported }: Pick<TwinDocument, 'desired' | 'reported'>): void {
  if (bytesOf(JSON.stringify(desired)) + bytesOf(JSON.stringify(reported)) > twinLimits.bytes) throw tooLarge();
}

/**
 * Throws `twin-too-large` where nothing would be left for what the platform says to the vehicle: for device clouds that
 * keep all twins of a vehicle in one.
 */
export function requireRoomBeside(allOfPartners: Settings): void {
  if (bytesOf(JSON.stringify(allOfPartners)) <= twinLimits.partnersBytes) return;
  const resolution =
    'Desired settings of all twins of a vehicle take 20 KB together; take back what is needed no more.';
  throw new Failure('too-large', 'twin-too-large', 'The twins of this vehicle would become too large.', { resolution });
}

export function tooLarge(cause?: unknown): Failure {
  const resolution = 'Desired and reported settings of one twin take 8 KB together; use a twin for each subject.';
  return new Failure('too-large', 'twin-too-large', 'The twin would become too large.', { resolution, cause });
}

function notAcceptable(fault: FieldError): Failure {
  return new Failure('invalid', 'twin-not-acceptable', `The twin cannot become so: ${fault.pointer} ${fault.detail}.`, {
    errors: [fault],
    resolution: 'Flatten the settings, name them by letters, digits, - and _, and keep texts short.',
  });
}

/** Where it goes deeper than so many levels, looking no further. */
function deepIn(value: unknown, pointer: string, levels: number): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (levels === 0) return pointer;
  return firstOf(Object.entries(value), (key, each) => deepIn(each, below(pointer, key), levels - 1));
}

function faultIn(value: unknown, pointer: string): FieldError | undefined {
  if (Array.isArray(value)) {
    // It could not be told from a removal.
    if (value.includes(null)) return { pointer, detail: 'is a list that holds a null' };
    return firstOf(value.entries(), (key, each) => faultIn(each, below(pointer, String(key))));
  }
  if (!isSettings(value)) return faultOfValue(value, pointer);
  return firstOf(Object.entries(value), (key, each) => {
    const at = below(pointer, key);
    return faultOfKey(key, at) ?? faultIn(each, at);
  });
}

function below(pointer: string, key: string): string {
  return `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function faultOfKey(key: string, pointer: string): FieldError | undefined {
  if (key === '') return { pointer, detail: 'has no name' };
  if (strange.test(key)) return { pointer, detail: 'has a dot, a dollar, a space or a control character in its name' };
  if (bytesOf(key) > twinLimits.keyBytes) {
    return { pointer: pointer.slice(0, 200), detail: `has a name longer than ${twinLimits.keyBytes} bytes` };
  }
  return undefined;
}

function faultOfValue(value: unknown, pointer: string): FieldError | undefined {
  if (typeof value === 'string' && bytesOf(value) > twinLimits.textBytes) {
    return { pointer, detail: `is a text longer than ${twinLimits.textBytes} bytes` };
  }
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) > twinLimits.whole) {
    return { pointer, detail: `is a whole number beyond ${twinLimits.whole}` };
  }
  return undefined;
}

function firstOf<Key, Value, Found>(
  members: Iterable<readonly [Key, Value]>,
  judge: (key: Key, value: Value) => Found | undefined,
): Found | undefined {
  for (const [key, value] of members) {
    const found = judge(key, value);
    if (found !== undefined) return found;
  }
  return undefined;
}

function bytesOf(text: string): number {
  return utf8.encode(text).length;
}
