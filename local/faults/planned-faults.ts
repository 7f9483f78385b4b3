import { createHash } from 'node:crypto';
import type { LocalClock } from '#local/clock.ts';
import { type FaultRule, type FaultWish, faultRuleSchema } from './fault-rule.ts';
import type { Fate, Faults, Hop } from './faults.ts';
import { HeldMessages } from './held-messages.ts';
import { injectedError, throttlingError } from './known-errors.ts';

/** A message that was disturbed. */
export interface Disturbance {
  readonly faultId: string;
  readonly kind: FaultRule['kind'];
  readonly hop: Hop;
  readonly label: string;
  /** It was the rule's match of this number, from 0: what a repetition counts along. */
  readonly match: number;
  /** ms since the Unix epoch, by the local clock. */
  readonly at: number;
}

/** A rule as it was planned, and what it has come to. */
export type PlannedFault = FaultRule & {
  readonly faultId: string;
  /** Messages that it was asked about. */
  readonly seen: number;
  readonly disturbed: number;
};

interface Plan {
  readonly rule: FaultRule;
  readonly matches: (label: string) => boolean;
  readonly held: HeldMessages;
  /** Of a throttle: what may pass now, and since when. */
  allowance: { readonly passes: number; readonly at: number };
  seen: number;
  done: number;
}

const delivered: Fate = { kind: 'deliver' };
const remembered = 1000;
const none: ReadonlySet<string> = new Set();

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
    const allowance = { passes: rule.kind === 'throttle' ? Math.max(1, rule.rate) : 0, at: this.#clock.now() };
    const held = new HeldMessages(this.#clock);
    this.#plans.set(faultId, { rule, matches: matcher(rule.label), held, allowance, seen: 0, done: 0 });
    return faultId;
  }

  /** False: there is none under this id. */
  end(faultId: string): boolean {
    this.#plans.get(faultId)?.held.releaseAll();
    return this.#plans.delete(faultId);
  }

  endAll(): void {
    for (const faultId of this.#plans.keys()) this.end(faultId);
  }

  /** Each can be planned again as it stands here, without its last three members. */
  list(): readonly PlannedFault[] {
    return [...this.#plans].map(([faultId, { rule, seen, done }]) => ({ ...rule, faultId, seen, disturbed: done }));
  }

  /** The last thousand, the oldest first. */
  get disturbances(): readonly Disturbance[] {
    return this.#disturbances;
  }

  at(hop: Hop, label: string): Fate | Promise<Fate> {
    if (this.#plans.size === 0) return delivered;
    for (const [faultId, plan] of this.#plans) {
      if (plan.rule.kind === 'partial' || !concerns(plan, hop, label)) continue;
      if (this.#strikes(faultId, plan, label)) return this.#fate(plan, label);
      plan.held.passed();
    }
    return delivered;
  }

  failing(hop: Hop, label: string, entries: readonly string[]): ReadonlySet<string> {
    const plans = [...this.#plans].filter(([, plan]) => plan.rule.kind === 'partial' && concerns(plan, hop, label));
    if (plans.length === 0) return none;
    return new Set(entries.filter(() => plans.some(([faultId, plan]) => this.#strikes(faultId, plan, label))));
  }

  #fate({ rule, held }: Plan, label: string): Fate | Promise<Fate> {
    switch (rule.kind) {
      case 'drop':
      case 'duplicate':
      case 'conflict':
      case 'corrupt':
        return { kind: rule.kind };
      case 'cut':
      case 'hang':
        return { kind: rule.kind, when: rule.when };
      case 'crash':
        return { kind: 'crash', when: rule.when, calls: rule.calls, operation: rule.operation };
      case 'fail':
        return { kind: 'fail', error: injectedError(rule.error, rule.status, rule.message) };
      case 'throttle':
        return { kind: 'fail', error: throttlingError(rule.hop, label) };
      case 'delay':
        return new Promise((resolve) => {
          this.#clock.after(rule.milliseconds, () => resolve(delivered));
        });
      case 'reorder':
        return held.hold(rule.behind, rule.milliseconds).then(() => delivered);
      case 'partial':
        return delivered;
    }
  }

  /** Counts the match and says whether it is one of those that are disturbed. */
  #strikes(faultId: string, plan: Plan, label: string): boolean {
    const { rule } = plan;
    const match = plan.seen;
    plan.seen += 1;
    if (match < rule.after || (rule.times !== undefined && plan.done >= rule.times)) return false;
    if (rule.probability < 1 && drawn(rule.seed, match) >= rule.probability) return false;
    const now = this.#clock.now();
    if (rule.kind === 'throttle' && passes(plan, rule.rate, now)) return false;
    plan.done += 1;
    this.#disturbances.push({ faultId, kind: rule.kind, hop: rule.hop, label, match, at: now });
    if (this.#disturbances.length > remembered) this.#disturbances.shift();
    return true;
  }
}

/** A conflict concerns what takes part in transactions: not reads, which see what is committed, nor batches. */
const transactable = /:(PutItem|UpdateItem|DeleteItem|TransactWriteItems|TransactGetItems)$/;

function concerns({ rule, matches }: Plan, hop: Hop, label: string): boolean {
  return rule.hop === hop && matches(label) && (rule.kind !== 'conflict' || transactable.test(label));
}

/** Takes one of the passes that the rate allows. */
function passes(plan: Plan, rate: number, now: number): boolean {
  const { passes: left, at } = plan.allowance;
  const refilled = Math.min(Math.max(1, rate), left + (Math.max(0, now - at) / 1000) * rate);
  const passing = refilled >= 1;
  plan.allowance = { passes: passing ? refilled - 1 : refilled, at: now };
  return passing;
}

/** From 0 to below 1, the same for the same seed and number. */
function drawn(seed: number, number: number): number {
  return createHash('sha256').update(`${seed}/${number}`).digest().readUInt32BE() / 2 ** 32;
}

/** `*` stands for any text. */
export function matcher(pattern: string): (label: string) => boolean {
  const literal = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${literal.join('.*')}$`, 's');
  return (label) => expression.test(label);
}
