type Values = Readonly<Record<string, string | readonly string[]>>;

/** The condition keys of one request. Their names are case-insensitive; most requests never look at them. */
export class RequestContext {
  readonly #given: Values;
  #byName: Map<string, readonly string[]> | undefined;

  constructor(given: Values = {}) {
    this.#given = given;
  }

  get(key: string): readonly string[] | undefined {
    this.#byName ??= new Map(
      Object.entries(this.#given).map(([name, value]) => [
        name.toLowerCase(),
        typeof value === 'string' ? [value] : value,
      ]),
    );
    return this.#byName.get(key.toLowerCase());
  }
}
