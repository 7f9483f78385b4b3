import type { UpdatePhase, UpdateReport } from '#shared/vehicle-cloud/update-envelopes.ts';
import { type Host, type Log, reasonOf } from '../host.ts';
import type { Rollout } from './rollout.ts';
import type { UpdateMemory } from './update-memory.ts';

/** Milliseconds before something that was not acknowledged is sent again. */
const resendPause = 5000;
/** Percent between two reports of one phase: each costs the cloud a write. */
const step = 25;

export interface ReportParts {
  readonly memory: UpdateMemory;
  readonly rollout: Rollout;
  readonly publish: (payload: string) => Promise<void>;
  readonly host: Pick<Host, 'after'>;
  readonly now: () => number;
  readonly log: Log;
}

export type Progress = Extract<UpdateReport, { kind: 'progress' }>;

/**
 * What the cloud is told. Decisions and results are kept until it has acknowledged them, in their order; progress is
 * told when it happens, or not at all.
 */
export class ReportLine {
  private readonly parts: ReportParts;
  private isOnline = false;
  private sending = false;
  private told: { readonly phase: UpdatePhase; readonly percent: number } | undefined;

  constructor(parts: ReportParts) {
    this.parts = parts;
  }

  connected(): void {
    this.isOnline = true;
    void this.deliver();
  }

  disconnected(): void {
    this.isOnline = false;
  }

  /** The next attempt tells from the beginning. */
  begin(): void {
    this.told = undefined;
  }

  /** Tells of a phase, and of each quarter of it. Undefined where that is nothing new. */
  progress(phase: UpdatePhase, percent: number, waitsFor?: Progress['waitsFor']): Progress | undefined {
    const { memory, now, publish } = this.parts;
    const { current } = memory.record;
    const isNew = this.told?.phase !== phase || waitsFor !== undefined || percent >= this.told.percent + step;
    if (current === undefined || !isNew) return undefined;
    this.told = { phase, percent };
    const sequence = current.sequence + 1;
    memory.change({ current: { ...current, sequence } });
    const { campaignId, attempt } = current;
    const report: Progress = {
      ...{ kind: 'progress', campaignId, attempt, sequence, phase, percent, at: Math.round(now()) },
      ...(waitsFor !== undefined && { waitsFor }),
    };
    if (this.isOnline) publish(JSON.stringify(report)).catch(() => {});
    return report;
  }

  /** Sends what is kept, one after the other. */
  async deliver(): Promise<void> {
    if (this.sending || !this.isOnline) return;
    this.sending = true;
    const { memory, publish, rollout, host, log } = this.parts;
    if (memory.record.ends.length > 0) rollout.look();
    try {
      for (let [report] = memory.record.unsent; report !== undefined; [report] = memory.record.unsent) {
        await publish(report);
        memory.settled('unsent');
      }
      for (let [end] = memory.record.ends; end !== undefined; [end] = memory.record.ends) {
        await rollout.ended(end.campaignId, end.succeeded, end.detail);
        memory.settled('ends');
      }
    } catch (error) {
      if (this.isOnline) log(`updates: ${reasonOf(error)}`);
      host.after(resendPause, () => void this.deliver());
    } finally {
      this.sending = false;
    }
  }
}
