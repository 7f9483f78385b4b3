import type { Host, Log } from '../../host.ts';
import { reasonOf } from '../../host.ts';
import type { EcuInstaller } from '../ecu-installer.ts';
import { unmet, type VehicleBody } from '../vehicle-body.ts';
import {
  decide,
  type EndedInstallation,
  type Installation,
  type InstallationEvent,
  type InstallationFailure,
  isEnded,
  isReversible,
  type PlannedEcu,
} from './installation.ts';
import { Unit, UnitFailure } from './unit.ts';

export interface InstallerParts {
  readonly ecus: ReadonlyMap<string, EcuInstaller>;
  readonly body: VehicleBody;
  /** The image of a unit, in blocks of this size; the last one may be shorter. */
  readonly image: (ecu: PlannedEcu, blockBytes: number) => AsyncIterable<Uint8Array>;
  /** Durable once it resolves. */
  readonly keep: (installation: Installation) => Promise<void>;
  /** Percent of what `writing` has to do. */
  readonly wrote?: (percent: number) => void;
  readonly host: Pick<Host, 'after'>;
  /** The best known time, ms since the Unix epoch. */
  readonly now: () => number;
  readonly log: Log;
}

/** How often a unit is asked to do its part. */
const tries = 3;

/**
 * Brings an installation to its end, from wherever it stands; `begun` has been kept. After a loss of power it is
 * called again with what was kept last.
 */
export async function install(begun: Installation, parts: InstallerParts): Promise<EndedInstallation> {
  let installation = begun;
  while (!isEnded(installation)) {
    const { status } = installation;
    const event = await work(installation, parts);
    if (event.kind !== 'done') parts.log(`installation: ${status} ended with ${JSON.stringify(event)}`);
    installation = decide(installation, event);
    await parts.keep(installation);
  }
  await parts.body.freeEnergy();
  if (installation.status === 'installed' || installation.safe) await parts.body.mobilise();
  return installation;
}

async function work(installation: Installation, parts: InstallerParts): Promise<InstallationEvent> {
  const watch = new Watch(installation, parts);
  try {
    await perform(installation, parts, watch.signal);
    return watch.event ?? { kind: 'done' };
  } catch (error) {
    return watch.event ?? { kind: 'failed', failure: failureOf(error) };
  } finally {
    watch.stop();
  }
}

async function perform(installation: Installation, parts: InstallerParts, signal: AbortSignal): Promise<void> {
  const units = installation.plan.ecus.map((ecu) => unitOf(ecu, parts, signal));
  switch (installation.status) {
    case 'writing':
      return await write(installation, units, parts, signal);
    case 'switching':
      for (const unit of units) await again(() => unit.switchOver(), signal);
      return;
    case 'checking':
      for (const unit of units) await unit.check();
      return;
    case 'committing':
      for (const unit of units) await again(() => unit.commit(), signal);
      return;
    case 'falling-back':
      // As many as can go back do; one that cannot is named afterwards.
      return await goBack(units, signal);
    case 'installed':
    case 'failed':
      return;
    default:
      return installation satisfies never;
  }
}

async function write(
  { plan }: Installation,
  units: readonly Unit[],
  parts: InstallerParts,
  signal: AbortSignal,
): Promise<void> {
  if (!(await parts.body.reserveEnergy(plan.minutes))) {
    throw new Shortage('power', 'There is not enough energy for the installation and for falling back.');
  }
  await parts.body.immobilise();
  const total = plan.ecus.reduce((sum, { to }) => sum + to.software.length, 0);
  let written = 0;
  const wrote = (bytes: number) => {
    written += bytes;
    parts.wrote?.(total === 0 ? 100 : Math.min(100, Math.floor((100 * written) / total)));
  };
  for (const unit of units) {
    await again(() => unit.fill((size) => readable(parts.image(unit.plan, size)), wrote), signal);
  }
}

async function goBack(units: readonly Unit[], signal: AbortSignal): Promise<void> {
  const failures: unknown[] = [];
  const each = async (step: (unit: Unit) => Promise<void>) => {
    for (const unit of units) {
      await again(() => step(unit), signal).catch((error) => failures.push(error));
    }
  };
  await each((unit) => unit.switchBack());
  await each((unit) => unit.checkBack());
  const [first] = failures;
  if (first !== undefined) throw first;
}

/** Asks again where a unit failed; what it will never do is not asked twice. */
async function again(step: () => Promise<void>, signal?: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await step();
    } catch (error) {
      const isFinal = !(error instanceof UnitFailure) || error.errorClass === 'incompatible';
      if (isFinal || attempt === tries || signal?.aborted === true) throw error;
    }
  }
}

function unitOf(ecu: PlannedEcu, { ecus, host }: InstallerParts, signal: AbortSignal): Unit {
  const installer = ecus.get(ecu.ecuId);
  if (installer === undefined) throw new UnitFailure(ecu.ecuId, 'incompatible', 'is not on board any more');
  return new Unit(ecu, installer, host, signal);
}

/** Something that the vehicle itself is short of. */
class Shortage extends Error {
  override readonly name = 'Shortage';
  readonly errorClass: 'power' | 'storage';

  constructor(errorClass: 'power' | 'storage', detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.errorClass = errorClass;
  }
}

async function* readable(blocks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    yield* blocks;
  } catch (error) {
    throw new Shortage('storage', `The image cannot be read any more: ${reasonOf(error)}.`, { cause: error });
  }
}

function failureOf(error: unknown): InstallationFailure {
  if (error instanceof UnitFailure) return { error: error.errorClass, detail: error.message, ecuId: error.ecuId };
  if (error instanceof Shortage) return { error: error.errorClass, detail: error.message };
  return { error: 'installation', detail: reasonOf(error) };
}

/** Watches, as long as there is a way back, what must hold and the set time. */
class Watch {
  private readonly controller = new AbortController();
  private readonly endings: (() => void)[] = [];
  event: InstallationEvent | undefined;

  constructor(installation: Installation, { body, host, now }: InstallerParts) {
    if (!isReversible(installation)) return;
    const { preconditions, beganAt, until } = installation.plan;
    const check = () => {
      const broken = unmet(preconditions, body.conditions());
      if (broken.length > 0) this.end({ kind: 'broken', unmet: broken });
    };
    this.endings.push(body.onConditions(check));
    check();
    // A clock that stands before the beginning cannot say how much time is left.
    const left = now() < beganAt ? 0 : until - now();
    if (left <= 0) this.end({ kind: 'late' });
    else this.endings.push(host.after(left, () => this.end({ kind: 'late' })));
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  stop(): void {
    for (const end of this.endings) end();
  }

  private end(event: InstallationEvent): void {
    this.event ??= event;
    this.controller.abort(new Error(`the installation may not go on: ${event.kind}`));
  }
}
