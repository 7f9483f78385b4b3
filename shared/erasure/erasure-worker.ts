import type { AuditTrail } from '../audit/audit-trail.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Erasure, ErasureId } from './erasure.ts';
import { proofOf, type Retention } from './erasure-proof.ts';
import type { ErasureEvents, ErasureRepository, ErasureTimer, ProofArchive } from './erasure-repository.ts';
import {
  type ErasureStep,
  finished,
  inSecondSweep,
  paused,
  stuck,
  taskOf,
  withErased,
  withFound,
} from './erasure-work.ts';

export interface WorkerPorts {
  readonly erasures: ErasureRepository;
  readonly proofs: ProofArchive;
  readonly timer: ErasureTimer;
  readonly events: ErasureEvents;
  readonly trail: AuditTrail;
  readonly clock: Clock;
  readonly steps: Readonly<Record<Erasure['subject']['kind'], readonly ErasureStep[]>>;
  readonly retention: Retention;
  readonly sha256: (text: string) => string;
}

/** Works erasures off, slice by slice. Two at the same one do no harm: the slower one steps back. */
export class ErasureWorker {
  readonly #ports: WorkerPorts;

  constructor(ports: WorkerPorts) {
    this.#ports = ports;
  }

  /** @param hasTime whether there is time for another slice; where there is not, it goes on with a new call */
  async work(erasureId: ErasureId, hasTime: () => boolean): Promise<void> {
    const { erasures, timer, clock } = this.#ports;
    for (;;) {
      const seen = await erasures.load(erasureId);
      if (seen === undefined) return;
      const next = await this.#slice(seen);
      if (next === undefined || !(await erasures.save(next, seen.version))) return;
      if (hasTime()) continue;
      await timer.wake(erasureId, clock.now(), clock.now());
      return;
    }
  }

  /** Nobody tries any more: it says so, until it is asked for again. */
  async giveUp(erasureId: ErasureId): Promise<void> {
    const { erasures, clock } = this.#ports;
    const seen = await erasures.load(erasureId);
    if (seen !== undefined && seen.state.status !== 'done') await erasures.save(stuck(seen, clock.now()), seen.version);
  }

  /** The erasure a slice further; undefined where nothing is to be done now. */
  async #slice(erasure: Erasure): Promise<Erasure | undefined> {
    const { timer, clock } = this.#ports;
    const steps = this.#ports.steps[erasure.subject.kind];
    const task = taskOf(erasure, steps.length, clock.now());
    switch (task.kind) {
      case 'nothing':
        return undefined;
      case 'wait':
        await timer.wake(erasure.erasureId, task.until, clock.now());
        return undefined;
      case 'pause-anew':
        return paused(erasure, clock.now());
      case 'begin-second-sweep':
        return inSecondSweep(erasure);
      case 'find': {
        const found = await stepAt(steps, task.step).find(erasure, task.after);
        return withFound(erasure, found, steps.length, clock.now());
      }
      case 'erase': {
        const step = stepAt(steps, task.step);
        await step.erase(erasure, task.keys);
        return withErased(erasure, step, steps.length, clock.now());
      }
      case 'prove':
        return this.#prove(erasure, steps);
    }
  }

  /** Everything is named after the proof that stands first, so that whoever resumes says the same. */
  async #prove(erasure: Erasure, steps: readonly ErasureStep[]): Promise<Erasure> {
    const { proofs, trail, events, clock, retention, sha256 } = this.#ports;
    const { erasureId, subject, requestId } = erasure;
    const proof = await proofs.keep(proofOf(erasure, steps, clock.now(), retention, sha256));
    const id = subject.kind === 'vehicle' ? subject.vehicleId : subject.personId;
    await trail.append([
      {
        ...{ recordId: `${erasureId}-done`, at: proof.doneAt, subject: { kind: subject.kind, id }, requestId },
        ...{ action: `${subject.kind}.erased`, actor: { kind: 'platform' }, outcome: 'done' },
        resource: `/v1/erasures/${erasureId}`,
      },
    ]);
    await events.announce(erasureId, subject, proof.doneAt);
    return finished(erasure);
  }
}

function stepAt(steps: readonly ErasureStep[], index: number): ErasureStep {
  const step = steps[index];
  if (step === undefined) throw new RangeError(`There is no step ${index}`);
  return step;
}
