import type { UpdateReport } from '#shared/vehicle-cloud/update-envelopes.ts';
import type { Host, Log } from '../host.ts';
import { reasonOf } from '../host.ts';
import type { EcuInstaller, EcuState } from './ecu-installer.ts';
import { patiently } from './installation/patience.ts';
import { reportsOf } from './on-board.ts';
import type { UpdateMemory } from './update-memory.ts';
import type { VehicleBody } from './vehicle-body.ts';

/** Milliseconds that a control unit may take to say how it is. */
const patience = 60_000;

/** The vehicle stays where it is: the message says why. */
export class NotRepaired extends Error {
  override readonly name = 'NotRepaired';
}

export interface WorkshopParts {
  readonly memory: UpdateMemory;
  readonly ecus: ReadonlyMap<string, EcuInstaller>;
  readonly body: Pick<VehicleBody, 'mobilise' | 'freeEnergy'>;
  readonly states: () => Promise<ReadonlyMap<string, EcuState>>;
  readonly host: Host;
  readonly now: () => number;
  readonly log: Log;
}

/** Gives a vehicle free that an installation has left unsafe, as soon as its control units are whole again. */
export class Workshop {
  private readonly parts: WorkshopParts;

  constructor(parts: WorkshopParts) {
    this.parts = parts;
  }

  /** What the power went out on: it was judged to be whole. */
  async takeUp(): Promise<void> {
    const { memory, body, log } = this.parts;
    if (memory.record.repaired !== true) return;
    try {
      await body.freeEnergy();
      await body.mobilise();
      memory.change({ repaired: undefined });
    } catch (error) {
      log(`mobilising: ${reasonOf(error)}`);
    }
  }

  /** A vehicle that is safe is left as it is. @throws NotRepaired */
  async release(): Promise<void> {
    const { memory, now } = this.parts;
    if (!memory.record.safe) {
      if (memory.record.current !== undefined) throw new NotRepaired('An update is under way.');
      const states = await this.parts.states();
      const ill = await this.ill(states);
      if (ill.length > 0) throw new NotRepaired(ill.join(' '));
      // Meanwhile somebody may have begun an update, or the same may have been asked for twice.
      const { current, stranded, unsent, safe } = memory.record;
      if (current !== undefined) throw new NotRepaired('An update is under way.');
      const report: UpdateReport | undefined = stranded && {
        ...{ kind: 'repaired', ...stranded, sequence: stranded.sequence + 1, at: Math.round(now()) },
        ecus: reportsOf(states),
      };
      const more = report === undefined ? [] : [JSON.stringify(report)];
      // One write: from here on it is given free, also when the power goes before it is.
      if (!safe) memory.change({ safe: true, repaired: true, stranded: undefined, unsent: [...unsent, ...more] });
    }
    await this.takeUp();
  }

  /** What is wrong, unit by unit. */
  private async ill(states: ReadonlyMap<string, EcuState>): Promise<readonly string[]> {
    const { ecus, host } = this.parts;
    const outer = new AbortController().signal;
    const found: string[] = [];
    for (const [ecuId, ecu] of ecus) {
      const state = states.get(ecuId);
      if (state === undefined) found.push(`${ecuId} does not answer.`);
      else if (state.slots[state.running].status !== 'filled') found.push(`${ecuId} runs nothing that is whole.`);
      else if (state.boots !== state.running) found.push(`${ecuId} would start something else the next time.`);
      else {
        const limits = { ms: patience, what: `${ecuId}: health`, outer, host };
        const health = await patiently((signal) => ecu.health(signal), limits).catch((error: unknown) => {
          return { status: 'unhealthy' as const, reason: reasonOf(error) };
        });
        if (health.status === 'unhealthy') found.push(`${ecuId} is not healthy: ${health.reason}.`);
      }
    }
    return found;
  }
}
