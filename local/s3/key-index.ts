/** The keys of a bucket in the order in which S3 lists them: that of their UTF-8 bytes. */
export class KeyIndex {
  readonly #keys: string[];

  constructor(keys: Iterable<string>) {
    this.#keys = [...keys].sort(compareKeys);
  }

  add(key: string): void {
    const at = this.#first((other) => compareKeys(other, key) < 0);
    if (this.#keys[at] !== key) this.#keys.splice(at, 0, key);
  }

  delete(key: string): void {
    const at = this.#first((other) => compareKeys(other, key) < 0);
    if (this.#keys[at] === key) this.#keys.splice(at, 1);
  }

  /** The first key behind `key`. */
  after(key: string): string | undefined {
    return this.#keys[this.#first((other) => compareKeys(other, key) <= 0)];
  }

  /** The first key that is `key` or behind it. */
  from(key: string): string | undefined {
    return this.#keys[this.#first((other) => compareKeys(other, key) < 0)];
  }

  /** The first key behind all that begin with `prefix`. */
  behind(prefix: string): string | undefined {
    return this.#keys[this.#first((other) => other.startsWith(prefix) || compareKeys(other, prefix) < 0)];
  }

  /** The first place where `before` no longer holds. */
  #first(before: (key: string) => boolean): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (before(this.#keys[middle] ?? '')) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** UTF-16 sorts U+E000 to U+FFFF behind the pairs of surrogates, UTF-8 before them. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return raised(left) - raised(right);
  }
  return a.length - b.length;
}

function raised(unit: number): number {
  const surrogate = unit >= 0xd800 && unit < 0xe000;
  return surrogate ? unit + 0x1_0000 : unit;
}
