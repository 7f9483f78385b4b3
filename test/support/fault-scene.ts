import { join } from 'node:path';
import { vi } from 'vitest';
import type { LocalCloud } from '#local/cloud.ts';
import { ApiClient } from '#local/tour/api-client.ts';
import { onTheRoad } from '#local/tour/chapters/provisioning.ts';
import { Journey } from '#local/tour/journey.ts';
import { discrepancies } from './cell-books.ts';
import { type Cell, faultSeed, mayLose } from './fault-cells.ts';
import type { JourneyCloud } from './journey-cloud.ts';
import { Disguise, PatientCaller, type Told } from './patient-caller.ts';

interface Telling {
  readonly cell: Cell;
  readonly told: readonly Told[];
  readonly endings: Map<string, string>;
}

/** Commands live for 30 s: where callers had to wait so long, they may have expired, and the story says otherwise. */
const lifeOfCommand = 25_000;
const stuckAfter = 6_000;

/** Tells one cell after the other in the same cloud, each with vehicles of its own. */
export class FaultScene {
  readonly #scene: JourneyCloud;
  readonly #tellings: Telling[] = [];
  /** By cell, how many messages were disturbed. */
  readonly disturbed = new Map<string, number>();

  constructor(scene: JourneyCloud) {
    this.#scene = scene;
  }

  get #cloud(): LocalCloud {
    return this.#scene.cloud;
  }

  /** @throws Error that says what is wrong, and how to have it once more */
  async tell(cell: Cell): Promise<void> {
    const disguise = new Disguise(cell.number);
    const before = this.#deadLetters();
    const cast = { vin: (vin: string) => disguise.vin(vin) };
    const journey = new Journey(this.#cloud.file, join(this.#scene.stateDirectory, `cell-${cell.number}`), cast);
    const caller = this.#caller(cell, disguise);
    const endings = new Map<string, string>();
    vi.stubGlobal('fetch', caller.fetch);
    const began = this.#cloud.clock.ahead;
    const stopLapse = this.#timeLapse();
    try {
      if (cell.chapter.begins === 'on the road') await onTheRoad(journey);
      const faultId = this.#cloud.faults.plan(cell.fault);
      const untold = await this.#steps(cell, journey);
      this.disturbed.set(
        cell.name,
        this.#cloud.faults.list().find((fault) => fault.faultId === faultId)?.disturbed ?? 0,
      );
      this.#cloud.faults.endAll();
      vi.unstubAllGlobals();
      await this.#quiet(caller.told, endings);
      const waited = this.#cloud.clock.ahead - began > lifeOfCommand;
      if (untold !== undefined && !waited && mayLose(cell) === undefined) throw untold;
      const dead = this.#deadLetters().filter((name) => !before.includes(name));
      if (dead.length > 0 && mayLose(cell) === undefined) throw new Error(`Dead letters: ${dead.join(', ')}`);
      this.#tellings.push({ cell, told: caller.told, endings });
    } catch (error) {
      throw new Error(`${again(cell)}\n${this.#disturbances()}`, { cause: error });
    } finally {
      this.#cloud.faults.endAll();
      stopLapse();
      vi.unstubAllGlobals();
      await journey.end();
    }
  }

  /** What was true after each cell is true at the end: nothing came late, and nothing was undone. */
  async afterwards(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const { cell, told, endings } of this.#tellings) {
      for (const line of await this.#wrong(told, endings)) found.push(`${cell.name}: ${line}`);
    }
    return found;
  }

  /** Each step, also after one that did not hold. Gives the first failure. */
  async #steps(cell: Cell, journey: Journey): Promise<unknown> {
    let first: unknown;
    for (const { title, run } of cell.chapter.steps) {
      try {
        await run(journey);
      } catch (error) {
        first ??= new Error(title, { cause: error });
        if (mayLose(cell) === undefined) break;
      }
    }
    return first;
  }

  /** Until the books are right. */
  async #quiet(told: readonly Told[], endings: Map<string, string>): Promise<void> {
    const deadline = performance.now() + 20_000;
    for (;;) {
      const wrong = await this.#wrong(told, endings);
      if (wrong.length === 0) return;
      if (performance.now() > deadline) throw new Error(wrong.join('\n'));
      // The end of a command comes into the audit when its time is over.
      await this.#wait(5_000);
    }
  }

  #wrong(told: readonly Told[], endings: Map<string, string>): Promise<readonly string[]> {
    // Tokens last for an hour of a cloud whose time is moved.
    return discrepancies(told, new ApiClient(this.#cloud.file, 'operator'), endings);
  }

  #caller(cell: Cell, disguise: Disguise): PatientCaller {
    const { api, aws } = this.#cloud.file;
    return new PatientCaller({
      origins: [api.baseUrl, aws.endpoint],
      noted: api.baseUrl,
      disguise,
      name: cell.name,
      patience: cell.fault.kind === 'hang' && cell.fault.hop === 'http' ? 3_000 : 60_000,
      wait: (ms) => this.#wait(ms),
    });
  }

  /** Long pauses go by at once: the cloud's time is moved over them. */
  async #wait(ms: number): Promise<void> {
    if (ms > 300) this.#cloud.clock.runAhead(this.#cloud.clock.ahead + ms);
    await new Promise((resolve) => setTimeout(resolve, Math.min(ms, 50)));
  }

  /** Where a cell hangs, its minutes go by in seconds. */
  #timeLapse(): () => void {
    const began = performance.now();
    const timer = setInterval(() => {
      if (performance.now() - began > stuckAfter) this.#cloud.clock.runAhead(this.#cloud.clock.ahead + 5_000);
    }, 250);
    return () => clearInterval(timer);
  }

  #deadLetters(): readonly string[] {
    return this.#cloud.queues.all().flatMap((queue) => {
      const { visible, inFlight } = queue.counts();
      const isEnd = /dead|failures/.test(queue.settings.name);
      return isEnd && visible + inFlight > 0 ? [`${queue.settings.name} (${visible + inFlight})`] : [];
    });
  }

  #disturbances(): string {
    const lines = this.#cloud.faults.disturbances.slice(-12);
    return lines.map(({ kind, hop, label, match }) => `  ${kind} at ${hop} ${label} (match ${match})`).join('\n');
  }
}

function again({ name }: Cell): string {
  return `Once more: FAULT_SEED=${faultSeed} FAULT_CELLS='${name}' npx vitest run test/journeys/fault-matrix`;
}
