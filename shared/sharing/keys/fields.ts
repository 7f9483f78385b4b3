import { Unreadable } from './strict-cbor.ts';

/** The members of one CBOR map, each taken once; `end` says that there was nothing else. */
export class Fields {
  private readonly rest: Map<unknown, unknown>;

  /** @throws Unreadable where it is no map */
  constructor(value: unknown) {
    if (!(value instanceof Map)) throw new Unreadable('This is no map.');
    this.rest = new Map(value);
  }

  has(key: number): boolean {
    return this.rest.has(key);
  }

  /** @throws Unreadable, as all of them */
  text(key: number, pattern: RegExp): string {
    const value = this.take(key);
    if (typeof value !== 'string' || !pattern.test(value)) throw new Unreadable(`Member ${key} is no such text.`);
    return value;
  }

  integer(key: number, least = 0, most: number = Number.MAX_SAFE_INTEGER): number {
    return integerIn(this.take(key), `Member ${key}`, least, most);
  }

  bytes(key: number, length: number): Uint8Array {
    const value = this.take(key);
    if (!(value instanceof Uint8Array) || value.length !== length) {
      throw new Unreadable(`Member ${key} is not ${length} bytes.`);
    }
    return value;
  }

  list(key: number, least: number, most: number): readonly unknown[] {
    const value: unknown = this.take(key);
    if (!Array.isArray(value) || value.length < least || value.length > most)
      throw new Unreadable(`Member ${key} is no such list.`);
    return value;
  }

  map(key: number): Fields {
    return new Fields(this.take(key));
  }

  /** Nothing that is not understood is signed for. */
  end(): void {
    const [unknown] = this.rest.keys();
    if (this.rest.size > 0) throw new Unreadable(`Nobody knows a member ${String(unknown)}.`);
  }

  private take(key: number): unknown {
    const value = this.rest.get(key);
    this.rest.delete(key);
    return value;
  }
}

/** @throws Unreadable */
export function integerIn(value: unknown, what: string, least: number, most: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new Unreadable(`${what} is no whole number from ${least} to ${most}.`);
}

/** Its place in the list, from 1 on, is what stands for it. @throws Unreadable */
export function named<Name extends string>(names: readonly Name[], value: unknown): Name {
  const name = typeof value === 'number' ? names[value - 1] : undefined;
  if (name === undefined) throw new Unreadable('A number that stands for nothing.');
  return name;
}
