import type { Clock } from '../kernel/clock.ts';
import type { VehicleId } from '../registry/vehicle-id.ts';
import { type CommandId, expiryGuard, isFinal } from './command.ts';
import type { ExpiryTimer } from './command-channel.ts';
import type { CommandRepository } from './command-repository.ts';

export type ExpiryResult = 'expired' | 'settled' | 'postponed';

/** How commands end by time. */
export class ExpiryService {
  readonly #commands: CommandRepository;
  readonly #timer: ExpiryTimer;
  readonly #clock: Clock;

  constructor(commands: CommandRepository, timer: ExpiryTimer, clock: Clock) {
    this.#commands = commands;
    this.#timer = timer;
    this.#clock = clock;
  }

  /** A reminder that is early, because no timer waits that long or the clocks differ, sets the next one. */
  async remind(vehicleId: VehicleId, commandId: CommandId): Promise<ExpiryResult> {
    const command = await this.#commands.load(vehicleId, commandId);
    // A reminder without a command: its sender died in between, and nothing was sent.
    if (command === undefined || isFinal(command.state)) return 'settled';
    const now = this.#clock.now();
    const due = command.expiresAt + expiryGuard;
    if (now >= due) return (await this.#commands.expire(vehicleId, commandId, now)) ? 'expired' : 'settled';
    await this.#timer.wake({ vehicleId, commandId }, due, now);
    return 'postponed';
  }
}
