import type { Clock } from '../kernel/clock.ts';
import type { VehicleId } from '../registry/vehicle-id.ts';
import type { CommandReply } from '../vehicle-cloud/envelopes.ts';
import { type CommandId, isCommandId, isFinal, isOverdue, outcomeOf } from './command.ts';
import type { CommandRepository } from './command-repository.ts';

export type ReplyResult = 'finished' | 'late' | 'repeated' | 'unknown-command';
export type ExpiryResult = 'expired' | 'settled' | 'not-yet';

/** How commands end: by the vehicle's answer, or by time. */
export class ReplyService {
  readonly #commands: CommandRepository;
  readonly #clock: Clock;

  constructor(commands: CommandRepository, clock: Clock) {
    this.#commands = commands;
    this.#clock = clock;
  }

  /** A vehicle answers its own commands only: the id is looked up among those of the vehicle in the topic. */
  async reply(vehicleId: VehicleId, reply: CommandReply): Promise<ReplyResult> {
    const { commandId } = reply;
    if (!isCommandId(commandId)) return 'unknown-command';
    const outcome = outcomeOf(reply);
    if (await this.#commands.finish(vehicleId, commandId, outcome)) return 'finished';
    if (await this.#commands.noteLateReply(vehicleId, commandId, outcome)) return 'late';
    return (await this.#commands.load(vehicleId, commandId)) === undefined ? 'unknown-command' : 'repeated';
  }

  async expire(vehicleId: VehicleId, commandId: CommandId): Promise<ExpiryResult> {
    const command = await this.#commands.load(vehicleId, commandId);
    // A reminder without a command: its sender died in between, and nothing was sent.
    if (command === undefined || isFinal(command.state)) return 'settled';
    const now = this.#clock.now();
    if (!isOverdue(command, now)) return 'not-yet';
    return (await this.#commands.expire(vehicleId, commandId, now)) ? 'expired' : 'settled';
  }
}
