import { createHash } from 'node:crypto';
import { AwsError } from '#local/aws-error.ts';
import type { LocalClock } from '#local/clock.ts';
import { type FaultRule, type FaultWish, faultRuleSchema } from './fault-rule.ts';
import type { Fate, Faults, Hop } from './faults.ts';

/** A message that was disturbed. */
export interface Disturbance {
  readonly faultId: string;
  readonly kind: FaultRule['kind'];
  readonly hop: Hop;
  readonly label: string;
  /** ms since the Unix epoch, by the local clock. */
  readonly at: number;
}

interface Plan {
  readonly rule: FaultRule;
  readonly matches: (label: string) => boolean;
  seen: number;
  done: number;
}

const delivered: Fate = { kind: 'deliver' };
const remembered = 1000;

/**
 * Breaks what it was told to break, and nothing else. Whether the n-th match of a rule is disturbed depends
 * on its seed and on n alone, so that the same rules on the same messages break the same ones again.
 *
 * @example faults.plan({ kind: 'fail', hop: 'table', label: '*Registry*:PutItem', error: 'ThrottlingException', times: 3 })
 */
export class PlannedFaults implements Faults {
  readonly #clock: LocalClock;
  readonly #plans = new Map<string, Plan>();
  readonly #disturbances: Disturbance[] = [];
  #numbers = 0;

  constructor(clock: LocalClock) {
    this.#clock = clock;
  }

  /** @throws ZodError naming what is not understood. @returns the id under which the fault can be ended */
  plan(wish: FaultWish): string {
    const rule = faultRuleSchema.parse(wish);
    this.#numbers += 1;
    const faultId = `fault-${this.#numbers}`;
    this.#plans.set(faultId, { rule, matches: matcher(rule.label), seen: 0, done: 0 });
    return faultId;
  }

  /** False: there is none under this id. */
  end(faultId: string): boolean {
    return this.#plans.delete(faultId);
  }

  endAll(): void {
    this.#plans.clear();
  }

  list(): readonly (FaultRule & { readonly faultId: string; readonly disturbed: number })[] {
    return [...this.#plans].map(([faultId, { rule, done }]) => ({ ...rule, faultId, disturbed: done }));
  }

  /** The last thousand, the oldest first. */
  get disturbances(): readonly Disturbance[] {
    return this.#disturbances;
  }

  at(hop: Hop, label: string): Fate | Promise<Fate> {
    if (this.#plans.size === 0) return delivered;
    for (const [faultId, plan] of this.#plans) {
      if (plan.rule.hop !== hop || !plan.matches(label) || !strikes(plan)) continue;
      this.#remember({ faultId, kind: plan.rule.kind, hop, label, at: this.#clock.now() });
      return this.#fate(plan.rule);
    }
    return delivered;
  }

  #fate(rule: FaultRule): Fate | Promise<Fate> {
    switch (rule.kind) {
      case 'drop':
      case 'duplicate':
        return { kind: rule.kind };
      case 'fail':
        return { kind: 'fail', error: new AwsError(rule.error, rule.status, rule.message) };
      case 'delay':
        return new Promise((resolve) => {
          this.#clock.after(rule.milliseconds, () => resolve(delivered));
        });
    }
  }

  #remember(disturbance: Disturbance): void {
    this.#disturbances.push(disturbance);
    if (this.#disturbances.length > remembered) this.#disturbances.shift();
  }
}

/** Counts the match and says whether it is one of those that are disturbed. */
function strikes(plan: Plan): boolean {
  const { rule } = plan;
  const number = plan.seen;
  plan.seen += 1;
  if (number < rule.after || (rule.times !== undefined && plan.done >= rule.times)) return false;
  if (rule.probability < 1 && drawn(rule.seed, number) >= rule.probability) return false;
  plan.done += 1;
  return true;
}

/** From 0 to below 1, the same for the same seed and number. */
function drawn(seed: number, number: number): number {
  return createHash('sha256').update(`${seed}/${number}`).digest().readUInt32BE() / 2 ** 32;
}

function matcher(pattern: string): (label: string) => boolean {
  const literal = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${literal.join('.*')}$`, 's');
  return (label) => expression.test(label);
}
