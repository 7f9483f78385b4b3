import type { Clock } from '../kernel/clock.ts';
import type { VehicleId } from '../registry/vehicle-id.ts';
import { type Command, expiryGuard, isFinal, isOverdue, longestLife, requestOf } from './command.ts';
import type { CommandChannel } from './command-channel.ts';
import type { CommandRepository } from './command-repository.ts';

const pageSize = 50;

/** Commands that may have been on their way to where their vehicle is not any more. */
export class UnansweredCommands {
  readonly #commands: Pick<CommandRepository, 'recent' | 'markSent'>;
  readonly #clock: Clock;

  constructor(commands: Pick<CommandRepository, 'recent' | 'markSent'>, clock: Clock) {
    this.#commands = commands;
    this.#clock = clock;
  }

  /** Sends each that has no final state once more, with the same id: a vehicle that has it already does nothing twice. */
  async sendAgain(vehicleId: VehicleId, channel: CommandChannel): Promise<void> {
    for (const command of await this.#open(vehicleId)) {
      await channel.send(vehicleId, requestOf(command), this.#clock.now());
      await this.#commands.markSent(command, this.#clock.now());
    }
  }

  /** The oldest first, as they were issued. */
  async #open(vehicleId: VehicleId): Promise<readonly Command[]> {
    const found: Command[] = [];
    const now = this.#clock.now();
    for (let from: string | undefined; ; ) {
      const page = await this.#commands.recent(vehicleId, { limit: pageSize, ...(from !== undefined && { from }) });
      found.push(...page.items.filter((command) => !isFinal(command.state) && !isOverdue(command, now)));
      const last = page.items.at(-1);
      // The clock that wrote them may be a little ahead of ours, or behind it.
      const isOver = last !== undefined && last.issuedAt + longestLife + expiryGuard < now;
      if (page.next === undefined || isOver) return found.reverse();
      from = page.next;
    }
  }
}
