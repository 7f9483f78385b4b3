import type { UpdateErrorClass } from '#shared/vehicle-cloud/update-envelopes.ts';
import { type Host, reasonOf } from '../../host.ts';
import type { EcuInstaller, EcuState, Health } from '../ecu-installer.ts';
import type { PlannedEcu } from './installation.ts';
import { patiently } from './patience.ts';

/** A unit did not do what it was asked. */
export class UnitFailure extends Error {
  override readonly name = 'UnitFailure';
  readonly ecuId: string;
  readonly errorClass: UpdateErrorClass;

  constructor(ecuId: string, errorClass: UpdateErrorClass, detail: string, options?: ErrorOptions) {
    super(`${ecuId}: ${detail}`, options);
    this.ecuId = ecuId;
    this.errorClass = errorClass;
  }
}

/** Milliseconds that each may take. A unit that takes longer has failed. */
const patience = {
  inspect: 10_000,
  erase: 120_000,
  write: 30_000,
  seal: 300_000,
  switchTo: 10_000,
  boot: 180_000,
  health: 120_000,
  commit: 10_000,
};
type Call = keyof typeof patience;

/** One unit and what is planned for it. It believes nothing that it cannot look at afterwards. */
export class Unit {
  readonly plan: PlannedEcu;
  private readonly installer: EcuInstaller;
  private readonly host: Pick<Host, 'after'>;
  private readonly signal: AbortSignal;

  constructor(plan: PlannedEcu, installer: EcuInstaller, host: Pick<Host, 'after'>, signal: AbortSignal) {
    this.plan = plan;
    this.installer = installer;
    this.host = host;
    this.signal = signal;
  }

  /**
   * Fills the slot that does not run; what a former life filled stays.
   *
   * @param blocks the image from its beginning
   */
  async fill(blocks: (size: number) => AsyncIterable<Uint8Array>, wrote: (bytes: number) => void): Promise<void> {
    const { from, to } = this.plan;
    const state = await this.inspect();
    if (state.running !== from.slot || state.boots !== from.slot) {
      throw this.failure('incompatible', 'has changed the slot that it runs');
    }
    const slot = state.slots[to.slot];
    if (slot.status !== 'empty' && slot.software.sha256 === to.software.sha256) {
      if (slot.status === 'bad') throw this.failure('health', 'gave this software up before');
      if ((await this.seal()) === to.software.sha256) return wrote(to.software.length);
    }
    await this.ask('erase', (signal) => this.installer.erase(signal));
    let offset = 0;
    for await (const block of blocks(this.installer.blockBytes)) {
      const at = offset;
      await this.ask('write', (signal) => this.installer.write(at, block, signal));
      offset += block.length;
      wrote(block.length);
    }
    if ((await this.seal()) !== to.software.sha256) {
      throw this.failure('installation', 'holds other bytes than were written');
    }
  }

  /** From the next boot on the new software runs. */
  async switchOver(): Promise<void> {
    const { to } = this.plan;
    const state = await this.inspect();
    this.requireNotGivenUp(state);
    if (state.boots !== to.slot) await this.choose(to.slot);
  }

  /** Starts the new software, where it does not run yet, and asks whether it is healthy. */
  async check(): Promise<void> {
    const { to } = this.plan;
    let state = await this.inspect();
    this.requireNotGivenUp(state);
    if (state.boots === to.slot && state.running !== to.slot) {
      await this.boot();
      state = await this.inspect();
      this.requireNotGivenUp(state);
    }
    const slot = state.slots[to.slot];
    if (state.boots !== to.slot || state.running !== to.slot || slot.status !== 'filled') {
      throw this.failure('health', 'did not come up with the new software');
    }
    if (slot.software.sha256 !== to.software.sha256) throw this.failure('health', 'runs something else');
    await this.requireHealth();
  }

  async commit(): Promise<void> {
    const { to } = this.plan;
    const before = await this.inspect();
    if (before.running !== to.slot) throw this.failure('health', 'does not run the new software any more');
    if (before.releaseCounter >= to.software.releaseCounter) return;
    await this.ask('commit', (signal) => this.installer.commit(signal));
    const { releaseCounter } = await this.inspect();
    if (releaseCounter < to.software.releaseCounter) throw this.failure('installation', 'did not take the new counter');
  }

  /** From the next boot on the former software runs. */
  async switchBack(): Promise<void> {
    const state = await this.inspect('whichever');
    if (this.isOurs(state) && state.boots !== this.plan.from.slot) await this.choose(this.plan.from.slot);
  }

  /** Starts the former software, where it does not run, and asks whether it is healthy. */
  async checkBack(): Promise<void> {
    const { from } = this.plan;
    const state = await this.inspect('whichever');
    if (this.isOurs(state) && state.running !== from.slot) {
      await this.boot();
      const { running } = await this.inspect();
      if (running !== from.slot) throw this.failure('unrecovered', 'did not come up with the former software');
    }
    await this.requireHealth();
  }

  private async choose(slot: 'a' | 'b'): Promise<void> {
    await this.ask('switchTo', (signal) => this.installer.switchTo(slot, signal));
    if ((await this.inspect()).boots !== slot) throw this.failure('installation', 'did not change its slot');
  }

  private boot(): Promise<void> {
    return this.ask('boot', (signal) => this.installer.boot(signal));
  }

  private seal(): Promise<string> {
    return this.ask('seal', (signal) => this.installer.seal(this.plan.to.software, signal));
  }

  private async requireHealth(): Promise<void> {
    const health: Health = await this.ask('health', (signal) => this.installer.health(signal), 'health');
    if (health.status === 'unhealthy') throw this.failure('health', health.reason);
  }

  private requireNotGivenUp({ slots }: EcuState): void {
    if (slots[this.plan.to.slot].status === 'bad') throw this.failure('health', 'gave the new software up');
  }

  /** Another piece than the one that the plan was made for was never touched by it. */
  private isOurs({ serialNumber }: EcuState): boolean {
    return serialNumber === this.plan.serialNumber;
  }

  private async inspect(piece: 'ours' | 'whichever' = 'ours'): Promise<EcuState> {
    const state = await this.ask('inspect', (signal) => this.installer.inspect(signal));
    if (piece === 'ours' && !this.isOurs(state)) throw this.failure('incompatible', 'was swapped meanwhile');
    return state;
  }

  private async ask<T>(
    what: Call,
    call: (signal: AbortSignal) => Promise<T>,
    errorClass: UpdateErrorClass = what === 'boot' ? 'health' : 'installation',
  ): Promise<T> {
    const { host, signal: outer } = this;
    try {
      return await patiently(call, { ms: patience[what], what, outer, host });
    } catch (error) {
      throw this.failure(errorClass, `${what}: ${reasonOf(error)}`, error);
    }
  }

  private failure(errorClass: UpdateErrorClass, detail: string, cause?: unknown): UnitFailure {
    return new UnitFailure(this.plan.ecuId, errorClass, detail, { cause });
  }
}
