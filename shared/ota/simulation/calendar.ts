/** ms that share a list: within it moments are sorted only when their time has come. */
const width = 10_000;

/**
 * The next moment of each of many vehicles, earliest first. A vehicle has one at a time, so that a million of them
 * need nothing but two arrays.
 */
export class Calendar {
  readonly #at: Float64Array;
  readonly #next: Int32Array;
  readonly #heads: Int32Array;
  readonly #end: number;
  /** The vehicles of the list that is being read, as a binary heap by their moments. */
  readonly #present: number[] = [];
  #list = 0;

  /** @param end ms; what lies behind it does not come any more */
  constructor(vehicles: number, end: number) {
    this.#at = new Float64Array(vehicles);
    this.#next = new Int32Array(vehicles);
    this.#heads = new Int32Array(Math.ceil(end / width) + 1).fill(-1);
    this.#end = end;
  }

  /** @param at ms from the beginning, not before the moment that was taken last */
  put(vehicle: number, at: number): void {
    this.#at[vehicle] = at;
    if (at > this.#end) return;
    const list = Math.floor(at / width);
    if (list <= this.#list) this.#rise(vehicle);
    else {
      this.#next[vehicle] = this.#heads[list] ?? -1;
      this.#heads[list] = vehicle;
    }
  }

  /** The earliest moment; undefined where none is left before `limit`. */
  take(limit: number): { readonly vehicle: number; readonly at: number } | undefined {
    while (this.#present.length === 0) {
      const following = this.#list + 1;
      if (following >= this.#heads.length || following * width > limit) return undefined;
      this.#list = following;
      for (let vehicle = this.#heads[following] ?? -1; vehicle >= 0; ) {
        const next = this.#next[vehicle] ?? -1;
        this.#rise(vehicle);
        vehicle = next;
      }
    }
    const vehicle = this.#present[0] ?? 0;
    const at = this.#of(vehicle);
    if (at > limit) return undefined;
    this.#sink();
    return { vehicle, at };
  }

  #of(vehicle: number): number {
    return this.#at[vehicle] ?? 0;
  }

  #rise(vehicle: number): void {
    const heap = this.#present;
    let index = heap.length;
    heap.push(vehicle);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] ?? 0;
      if (this.#of(above) <= this.#of(vehicle)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = vehicle;
  }

  #sink(): void {
    const heap = this.#present;
    const last = heap.pop() ?? 0;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const least = right < heap.length && this.#of(heap[right] ?? 0) < this.#of(heap[left] ?? 0) ? right : left;
      const below = heap[least] ?? 0;
      if (this.#of(last) <= this.#of(below)) break;
      heap[index] = below;
      index = least;
    }
    heap[index] = last;
  }
}
