import { failureClasses } from '../campaigns/statistics.ts';
import type { FailureClass } from '../updates/update.ts';

/** Who failed how often, and who is tried again: counted as the platform's statistics count. */
export class FailureBook {
  readonly #failures: Uint8Array;
  /** The place of the error, from 1 on; nought where nothing is tried again. */
  readonly #retrying: Uint8Array;
  readonly #byError = new Map<FailureClass, number>();
  readonly #attempts = new Map<FailureClass, number>();
  #failed = 0;
  #waiting = 0;

  constructor(vehicles: number) {
    this.#failures = new Uint8Array(vehicles);
    this.#retrying = new Uint8Array(vehicles);
  }

  /** @returns how often it had failed before */
  noted(vehicle: number, error: FailureClass): number {
    this.#attempts.set(error, (this.#attempts.get(error) ?? 0) + 1);
    this.#byError.set(error, (this.#byError.get(error) ?? 0) + 1);
    const failures = this.#failures[vehicle] ?? 0;
    this.#failures[vehicle] = failures + 1;
    return failures;
  }

  forGood(): void {
    this.#failed += 1;
  }

  later(vehicle: number, error: FailureClass): void {
    this.#retrying[vehicle] = 1 + failureClasses.indexOf(error);
    this.#waiting += 1;
  }

  /** It begins anew, and counts as failed no more. */
  again(vehicle: number): void {
    const error = failureClasses[(this.#retrying[vehicle] ?? 0) - 1];
    if (error === undefined) return;
    this.#retrying[vehicle] = 0;
    this.#waiting -= 1;
    this.#byError.set(error, (this.#byError.get(error) ?? 0) - 1);
  }

  /** Of vehicles that have failed for good. */
  get failed(): number {
    return this.#failed;
  }

  /** Those, and whose last attempt failed: what abort thresholds and waves are judged by. */
  get present(): { readonly failed: number; readonly byError: Readonly<Partial<Record<FailureClass, number>>> } {
    return { failed: this.#failed + this.#waiting, byError: Object.fromEntries(this.#byError) };
  }

  get attempts(): Readonly<Partial<Record<FailureClass, number>>> {
    return Object.fromEntries(this.#attempts);
  }
}
