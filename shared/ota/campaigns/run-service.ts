import type { Clock, Instant } from '../../kernel/clock.ts';
import { attempted, isHeld, type RunResult, type RunTime, restAfter } from '../../transfers/task.ts';
import type { Campaign } from './campaign.ts';
import type { CampaignId } from './campaign-id.ts';
import type { CampaignRepository, RunCalls, RunRepository } from './ports.ts';
import { type Run, type Work, workFor } from './run.ts';

/** Milliseconds until a call that came while somebody worked is looked at again. */
const lookAgain = 2_000;
/** Clocks differ by less. */
const skew = 1_000;

/** What one step left: the run as it is then, and when there is something to do again. */
export interface Stepped {
  readonly run: Run;
  /** Absent: nothing, unless somebody calls. */
  readonly next?: Instant;
}

/** One kind of work on a campaign. */
export interface RunStep {
  step(campaign: Campaign, run: Run, now: Instant): Promise<Stepped>;
}

export interface RunPorts {
  readonly campaigns: CampaignRepository;
  readonly runs: RunRepository;
  readonly calls: RunCalls;
  readonly clock: Clock;
  /** Another one each time. */
  readonly newHolder: () => string;
  readonly steps: Readonly<Record<Work['kind'], RunStep>>;
}

/** One run of a campaign: as many steps as its time allows, each with a checkpoint; then it sleeps until the next one. */
export class RunService {
  readonly #ports: RunPorts;

  constructor(ports: RunPorts) {
    this.#ports = ports;
  }

  /**
   * @param call of a chain; undefined for somebody who wants the run to look at what has changed
   * @param asked when that was
   */
  async run(
    campaignId: CampaignId,
    call: string | undefined,
    { mayGoOn, goneAt }: RunTime,
    asked?: Instant,
  ): Promise<RunResult> {
    const { runs, calls, clock, newHolder } = this.#ports;
    const seen = await runs.load(campaignId);
    const now = clock.now();
    if (seen === undefined) return { kind: 'nothing' };
    // Also for a call of no chain that is known: whoever holds the lease may be about to write it down.
    if (isHeld(seen.lease, now)) {
      await calls.call(campaignId, call, now + lookAgain, now, asked);
      return { kind: 'busy' };
    }
    if (call !== undefined && call !== seen.call) return { kind: 'nothing' };
    // A call that came twice must not become two runs that call twice: it would be four.
    if (call === undefined && asked !== undefined && isSeenTo(seen, asked, now)) return { kind: 'nothing' };
    const run = {
      ...seen,
      begun: now,
      lease: attempted(seen.lease, goneAt),
      holder: newHolder(),
      version: seen.version + 1,
    };
    if (!(await runs.save(run, seen.version))) {
      await calls.call(campaignId, call, now + lookAgain, now, asked);
      return { kind: 'overtaken' };
    }
    return this.#go(run, call, mayGoOn);
  }

  async #go(begun: Run, call: string | undefined, mayGoOn: RunTime['mayGoOn']): Promise<RunResult> {
    const { runs, calls, clock } = this.#ports;
    let run = begun;
    let next: Instant | undefined;
    try {
      do {
        const stepped = await this.#step(run);
        if (stepped === undefined) return { kind: 'nothing' };
        if (!(await runs.save(stepped.run, run.version))) return { kind: 'overtaken' };
        ({ run, next } = { run: stepped.run, next: stepped.next });
      } while (next !== undefined && next <= clock.now() && mayGoOn());
    } catch (error) {
      const lease = { ...run.lease, until: 0 };
      // It has come to no end: who dies before the next line must find its call still wanted.
      const { begun: _, ...unfinished } = run;
      await runs.save({ ...unfinished, lease, version: run.version + 1 }, run.version);
      const now = clock.now();
      await calls.call(run.campaignId, call, now + 1000 * restAfter(run.lease), now);
      return { kind: 'failed', error };
    }
    // First the call, then the chain that it belongs to: a run that dies in between is called again by its own call.
    const version = run.version + 1;
    const last = { ...run, lease: { until: 0, attempts: 0 }, call: String(version), version };
    if (next !== undefined) await calls.call(run.campaignId, last.call, next, clock.now());
    await runs.save(last, run.version);
    return { kind: next === undefined ? 'ended' : 'continued' };
  }

  async #step(seen: Run): Promise<Stepped | undefined> {
    const { campaigns, clock, steps } = this.#ports;
    const campaign = await campaigns.load(seen.campaignId);
    if (campaign === undefined) return undefined;
    const run = { ...seen, work: workFor(seen, campaign) };
    return steps[run.work.kind].step(campaign, run, clock.now());
  }
}

/** A run began after it was asked for, and came to its end. One from a future that the clock was set back from did not. */
function isSeenTo({ lease, begun }: Run, asked: Instant, now: Instant): boolean {
  return lease.until === 0 && begun !== undefined && begun > asked + skew && begun <= now;
}
