import { join } from 'node:path';
import { vi } from 'vitest';
import { thisHost } from '#device-sdk/host.ts';
import type { LocalCloud } from '#local/cloud.ts';
import { ApiClient } from '#local/tour/api-client.ts';
import { untilProven } from '#local/tour/chapters/erasure.ts';
import { onTheRoad } from '#local/tour/chapters/provisioning.ts';
import { id5, production } from '#local/tour/chapters/vehicles.ts';
import { Journey } from '#local/tour/journey.ts';
import type { Receiver } from '#local/tour/receiver.ts';
import { tablesAsText } from './aws-clients.ts';
import { caredFor } from './care-books.ts';
import { discrepancies } from './cell-books.ts';
import { Disguise } from './disguise.ts';
import { erased, remains } from './erasure-books.ts';
import { type Cell, faultSeed, mayLose } from './fault-cells.ts';
import type { JourneyCloud } from './journey-cloud.ts';
import { accounted } from './ledger-books.ts';
import { partnered } from './partner-books.ts';
import { PatientCaller, type Told } from './patient-caller.ts';
import { shared } from './sharing-books.ts';
import { broughtIn } from './transfer-books.ts';
import { delivered } from './webhook-books.ts';

type Tables = Awaited<ReturnType<typeof tablesAsText>>;

interface Telling {
  readonly cell: Cell;
  readonly told: readonly Told[];
  /** How commands ended, by id. */
  readonly endings: Map<string, string>;
  readonly receivers: readonly Receiver[];
}

/** Commands live for 30 s: where callers had to wait so long, they may have expired, and the story says otherwise. */
const lifeOfCommand = 25_000;
/** Nothing new was asked or disturbed for so long. */
const stuckAfter = 2_500;
/** Longer than a function runs or a command lives. */
const lapse = 65_000;
/** A queue hides a message for six minutes: leaps grow so far where nothing comes of them. */
const longestLapse = 4 * lapse;

/** Tells one cell after the other in the same cloud, each with vehicles of its own. */
export class FaultScene {
  readonly #scene: JourneyCloud;
  readonly #tellings: Telling[] = [];
  /** ms that the cell's callers had to wait, and its minutes that went by in seconds. */
  #waited = 0;
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
    const disguise = new Disguise(cell.number, [production(0).model, id5.model]);
    const before = this.#deadLetters();
    const caller = this.#caller(cell, disguise);
    const journey = new Journey(this.#cloud.file, join(this.#scene.stateDirectory, `cell-${cell.number}`), {
      vin: (vin) => disguise.vin(vin),
      person: (name) => disguise.person(name),
      hasty: caller.hasty,
      pause: (ms) => this.#wait(ms),
      // A vehicle's time goes with the cloud's, also where that leaps.
      host: {
        ...thisHost,
        now: () => this.#cloud.clock.now(),
        monotonic: () => thisHost.monotonic() + this.#cloud.clock.ahead,
      },
      deskDirectory: join(this.#scene.stateDirectory, 'release-desk'),
    });
    const telling = { cell, told: caller.told, endings: new Map<string, string>(), receivers: journey.receivers };
    vi.stubGlobal('fetch', caller.fetch);
    this.#waited = 0;
    let stopLapse = () => {};
    try {
      if (cell.chapter.begins === 'on the road') await onTheRoad(journey);
      const planned = cell.faults.map((fault) => this.#cloud.faults.plan(fault));
      stopLapse = this.#timeLapse(caller);
      const untold = await this.#steps(cell, journey);
      const own = this.#cloud.faults.list().filter(({ faultId }) => planned.includes(faultId));
      this.disturbed.set(cell.name, Math.max(...own.map(({ disturbed }) => disturbed)));
      this.#cloud.faults.endAll();
      vi.unstubAllGlobals();
      const late = this.#waited > lifeOfCommand && caller.told.some(isOrder);
      if (untold !== undefined && !late && mayLose(cell) === undefined) throw untold;
      if (untold !== undefined && erased(caller.told).any) this.#pass(untilProven * 1000);
      await this.#quiet(telling);
      const dead = this.#deadLetters().filter((name) => !before.includes(name));
      if (dead.length > 0 && mayLose(cell) === undefined) throw new Error(`Dead letters: ${dead.join(', ')}`);
      this.#tellings.push(telling);
    } catch (error) {
      throw new Error(`${told(error)}\n${again(cell)}\n${this.#disturbances()}`, { cause: error });
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
    const tables = await tablesAsText(this.#cloud);
    for (const telling of this.#tellings) {
      for (const line of await this.#wrong(telling, tables)) found.push(`${telling.cell.name}: ${line}`);
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
  async #quiet(telling: Telling): Promise<void> {
    const deadline = performance.now() + 20_000;
    for (let pause = 50; ; pause = Math.min(2 * pause, 2_000)) {
      const wrong = await this.#wrong(telling);
      if (wrong.length === 0) return;
      if (performance.now() > deadline) throw new Error(wrong.join('\n'));
      // The end of a command comes into the audit when its time is over.
      this.#pass(lapse);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  async #wrong({ told, endings, receivers }: Telling, tables?: Tables): Promise<readonly string[]> {
    // Tokens last for an hour of a cloud whose time is moved.
    const operator = new ApiClient(this.#cloud.file, 'operator');
    const found = [
      ...(await discrepancies(told, operator, endings)),
      ...(await broughtIn(told, operator)),
      ...(await shared(told, operator)),
      ...(await delivered(told, receivers, operator)),
      ...(await accounted(told, operator)),
      ...(await caredFor(told, operator)),
      ...(await partnered(told, operator, new ApiClient(this.#cloud.file, 'mobility-app'))),
    ];
    if (!erased(told).any) return found;
    return [...found, ...(await remains(told, operator, tables ?? (await tablesAsText(this.#cloud))))];
  }

  #caller(cell: Cell, disguise: Disguise): PatientCaller {
    const { api, aws } = this.#cloud.file;
    return new PatientCaller({
      origins: [api.baseUrl, aws.endpoint],
      noted: api.baseUrl,
      disguise,
      name: cell.name,
      patience: cell.faults.some(({ kind, hop }) => kind === 'hang' && hop === 'http') ? 3_000 : 60_000,
      wait: (ms) => this.#wait(ms),
    });
  }

  /** Long pauses go by at once: the cloud's time is moved over them. */
  async #wait(ms: number): Promise<void> {
    if (ms > 300) this.#pass(ms);
    await new Promise((resolve) => setTimeout(resolve, Math.min(ms, 50)));
  }

  /**
   * Where a cell hangs, its minutes go by at once; then it is left in peace, longer and longer, because whatever works
   * meanwhile has as little time as the cloud's clock says.
   */
  #timeLapse({ told }: PatientCaller): () => void {
    let [signs, since, peace, leap] = [0, performance.now(), stuckAfter, lapse];
    const timer = setInterval(() => {
      const asked = new Set(told.map(({ method, path, status }) => `${method} ${path} ${status}`)).size;
      const now = asked + this.#cloud.faults.disturbances.length;
      if (now !== signs) [signs, since, leap] = [now, performance.now(), lapse];
      if (performance.now() - since < peace) return;
      this.#pass(leap);
      [since, peace, leap] = [performance.now(), peace * 1.3, Math.min(2 * leap, longestLapse)];
    }, 250);
    return () => clearInterval(timer);
  }

  #pass(ms: number): void {
    this.#waited += ms;
    this.#cloud.clock.runAhead(this.#cloud.clock.ahead + ms);
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

function isOrder({ method, path }: Told): boolean {
  return method === 'POST' && path.endsWith('/commands');
}

function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${told(error.cause)}`;
}

function again({ name }: Cell): string {
  const which = name.includes(' with ') ? `-t '${name}'` : '';
  const cells = which === '' ? `FAULT_CELLS='${name}' ` : '';
  return `Once more: FAULT_SEED=${faultSeed} ${cells}npx vitest run test/journeys/fault-matrix ${which}`.trimEnd();
}
