const vehicles = /\b[A-HJ-NPR-Z0-9]{11}\d{6}\b/g;

/** Other cars and other people for the same story: called by their old names in the answers. */
export class Disguise {
  readonly #mark: string;
  readonly #known = new Map<string, string>();
  readonly #models: readonly string[];

  /**
   * @param number of the telling, below 30,000
   * @param models that this telling has for itself
   */
  constructor(number: number, models: readonly string[] = []) {
    const letters = 'ABCDEFGHJKLMNPRSTUVWXYZ0123456789';
    const letter = (place: number) => letters[Math.floor(number / letters.length ** place) % letters.length] ?? 'A';
    this.#mark = letter(2) + letter(1) + letter(0);
    this.#models = models;
  }

  /** The fourth to the sixth place of a European VIN mean nothing. */
  vin(vin: string): string {
    if (this.#known.has(vin)) return vin;
    const own = vin.slice(0, 3) + this.#mark + vin.slice(6);
    this.#known.set(own, vin);
    return own;
  }

  person(name: string): string {
    return `${name}-${this.#mark.toLowerCase()}`;
  }

  put(text: string): string {
    const found = text.replaceAll(vehicles, (vin) => this.vin(vin));
    return this.#models.reduce((so, model) => so.replaceAll(model, this.#own(model)), found);
  }

  off(text: string): string {
    const found = text.replaceAll(vehicles, (own) => this.#known.get(own) ?? own);
    return this.#models.reduce((so, model) => so.replaceAll(this.#own(model), model), found);
  }

  #own(model: string): string {
    return `${model} ${this.#mark}`;
  }
}
