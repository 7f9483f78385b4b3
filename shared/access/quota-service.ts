import type { Clock, Instant } from '../kernel/clock.ts';
import { Failure } from '../kernel/failure.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import { type Admission, admitted, refused } from './admission.ts';
import { circuitState, quiet } from './circuit.ts';
import { Ledger } from './ledger.ts';
import { batchOf, filled, fullBucket, type Quota, take, waitFor } from './quota.ts';
import { type Settlement, settled } from './standing.ts';
import type { StandingRepository } from './standing-repository.ts';

/** Who is told what an operator should know. */
export interface QuotaWatch {
  shutOut(askerId: string, until: Instant): void;
  /** The table does not answer, and each instance counts by itself. */
  blind(error: unknown): void;
}

export interface QuotaPorts {
  readonly standings: StandingRepository;
  readonly clock: Clock;
  /** Where nothing else is written down. */
  readonly quotas: { readonly client: Quota; readonly person: Quota };
  readonly watch: QuotaWatch;
}

export interface Asking {
  readonly askerId: string;
  readonly kind: 'client' | 'person';
  /** May let others in again, and is never shut out itself: nobody would be left to let it in. */
  readonly readmits?: boolean;
}

/** A change of a quota goes unnoticed for so long. */
const quotaKeeps = 30_000;
/** A client that an operator lets in again is let in everywhere after so long. */
const standingKeeps = 5_000;
/** After the table failed: the next who asks it waits for it, all others in between do not. */
const blindTime = 2_000;
const mostLedgers = 5_000;
const mostRounds = 5;

/**
 * Counts requests against quotas. The count is shared by all instances, and kept cheap: each takes tokens in
 * batches by a conditional write, spends them from memory, and takes more before they run out. Nobody waits for
 * that at the first request after a rest: it goes through on credit, and the batch that follows pays for it.
 *
 * Where the table fails, each instance counts by itself with the whole quota. A guard against overload must not
 * become the outage; API Gateway's own limit still stands above all clients together.
 */
export class QuotaService {
  readonly #ports: QuotaPorts;
  readonly #ledgers = new Map<string, Ledger>();

  constructor(ports: QuotaPorts) {
    this.#ports = ports;
  }

  async admit(asking: Asking): Promise<Admission> {
    const ledger = this.#ledgerOf(asking);
    const now = this.#ports.clock.now();
    const shut = this.#shutOut(asking, ledger, now);
    if (shut !== undefined) return shut;
    if (ledger.spend(now)) {
      if (ledger.inHand(now) < batchOf(ledger.quota) / 2 || ledger.ageing(now)) this.#settleAside(asking, ledger);
      return admitted(ledger, now);
    }
    if (ledger.isBlind(now)) return this.#alone(ledger, now);
    if (ledger.isDenied(now)) return refused(ledger, now);
    if (ledger.borrow(now)) {
      this.#settleAside(asking, ledger);
      return admitted(ledger, now);
    }
    // Many may wait for the same batch, and go on to wait for the next.
    for (let round = 0; round < mostRounds; round += 1) {
      await this.#settle(asking, ledger);
      const admission = this.#afterSettling(asking, ledger);
      if (admission !== undefined) return admission;
    }
    return refused(ledger, this.#ports.clock.now());
  }

  /** Tells how the request was answered; gives what is left after it. */
  answered(asking: Asking, status: number): Admission {
    const ledger = this.#ledgerOf(asking);
    ledger.noted({ ...quiet, requests: 1, nonsense: nonsensical.has(status) ? 1 : 0 });
    return admitted(ledger, this.#ports.clock.now());
  }

  #afterSettling(asking: Asking, ledger: Ledger): Admission | undefined {
    const now = this.#ports.clock.now();
    const shut = this.#shutOut(asking, ledger, now);
    if (shut !== undefined) return shut;
    if (ledger.spend(now)) return admitted(ledger, now);
    if (ledger.isBlind(now)) return this.#alone(ledger, now);
    return ledger.isDenied(now) ? refused(ledger, now) : undefined;
  }

  #shutOut(asking: Asking, ledger: Ledger, now: Instant): Admission | undefined {
    if (asking.readmits === true) return undefined;
    const circuit = ledger.standing?.circuit;
    if (circuit === undefined || circuitState(circuit, now) !== 'open') return undefined;
    if (Math.abs(now - ledger.standingAt) > standingKeeps) this.#settleAside(asking, ledger);
    const seconds = Math.max(1, Math.ceil((circuit.until - now) / 1000));
    return { kind: 'circuit-open', quota: ledger.quota, remaining: 0, seconds };
  }

  #alone(ledger: Ledger, now: Instant): Admission {
    const { blind, quota } = ledger;
    if (blind === undefined) return refused(ledger, now);
    const { taken, bucket } = take(filled(blind.bucket, quota, now), 1);
    blind.bucket = bucket;
    if (taken === 1) return admitted(ledger, now);
    ledger.denied = { at: now, until: now + waitFor(bucket, 1, quota, now) };
    return refused(ledger, now);
  }

  #settleAside(asking: Asking, ledger: Ledger): void {
    const now = this.#ports.clock.now();
    if (ledger.isBlind(now) || ledger.isDenied(now)) return;
    void this.#settle(asking, ledger);
  }

  /** One at a time; never fails. */
  #settle(asking: Asking, ledger: Ledger): Promise<void> {
    ledger.settling ??= this.#settled(asking, ledger).finally(() => {
      ledger.settling = undefined;
    });
    return ledger.settling;
  }

  async #settled(asking: Asking, ledger: Ledger): Promise<void> {
    const { clock, watch } = this.#ports;
    // A person has nothing to do with a program's conduct.
    const report = asking.kind === 'person' ? quiet : ledger.takeReport();
    const wanted = batchOf(ledger.quota) + ledger.borrowed;
    try {
      await this.#refreshQuota(asking, ledger);
      const { now, outcome } = await untilSaved(() =>
        this.#attempt(asking, ledger, { wanted, report, spared: asking.readmits === true }),
      );
      const { standing, taken, shutOut } = outcome;
      ledger.settledAs(standing, taken, now);
      const batch = batchOf(ledger.quota);
      // Now it is empty. Not before a batch is there again: at its limit a client must not cost a write a request.
      if (taken < wanted) ledger.denied = { at: now, until: now + waitFor(standing.bucket, batch, ledger.quota, now) };
      if (shutOut) watch.shutOut(asking.askerId, standing.circuit?.until ?? now);
    } catch (error) {
      ledger.noted(report);
      const since = clock.now();
      if (error instanceof Failure && error.code === 'contended') {
        // The others were faster, and what they took is gone.
        ledger.denied = { at: since, until: since + (1000 * batchOf(ledger.quota)) / ledger.quota.rate };
        return;
      }
      const bucket = ledger.blind?.bucket ?? fullBucket(ledger.quota, since);
      ledger.blind = { since, until: since + blindTime, bucket };
      watch.blind(error);
    }
  }

  async #attempt(asking: Asking, ledger: Ledger, settlement: Settlement) {
    const { standings, clock } = this.#ports;
    const { report } = settlement;
    const known = await standings.load(asking.askerId);
    const now = clock.now();
    const outcome = settled(known, ledger.quota, settlement, now);
    // Unwritten, a bucket that begins anew after the clock was set back would begin anew each time, and never fill.
    const beganAnew = known !== undefined && outcome.standing.bucket.filledAt < known.bucket.filledAt;
    const changes = outcome.taken > 0 || outcome.shutOut || report.ignored > 0 || report.nonsense > 0 || beganAnew;
    if (changes && !(await standings.save(asking.askerId, outcome.standing, known))) return undefined;
    return { now, outcome };
  }

  async #refreshQuota({ askerId, kind }: Asking, ledger: Ledger): Promise<void> {
    const now = this.#ports.clock.now();
    if (now < ledger.quotaUntil && ledger.quotaUntil - now <= quotaKeeps) return;
    ledger.quota = (await this.#ports.standings.quota(askerId)) ?? this.#ports.quotas[kind];
    ledger.quotaUntil = now + quotaKeeps;
  }

  #ledgerOf({ askerId, kind }: Asking): Ledger {
    const known = this.#ledgers.get(askerId);
    if (known !== undefined) return known;
    // The first that came goes first: forgetting costs a settlement, and no more.
    const [oldest] = this.#ledgers.keys();
    if (oldest !== undefined && this.#ledgers.size >= mostLedgers) this.#ledgers.delete(oldest);
    const ledger = new Ledger(this.#ports.quotas[kind]);
    this.#ledgers.set(askerId, ledger);
    return ledger;
  }
}

/** Not 401 (tokens lapse), nor what another moment would have allowed: 409, 412. */
const nonsensical: ReadonlySet<number> = new Set([400, 403, 404, 405, 413, 415, 422]);
