import type { VehicleId } from '../registry/vehicle-id.ts';
import type { CommandReply } from '../vehicle-cloud/envelopes.ts';
import { isTripOrder } from '../vehicle-cloud/sharing-envelopes.ts';
import { isCommandId, outcomeOf } from './command.ts';
import type { CommandRepository } from './command-repository.ts';

export type ReplyResult = 'finished' | 'late' | 'repeated' | 'trip-order' | 'unknown-command';

/** How commands end by the vehicle's answer. */
export class ReplyService {
  readonly #commands: CommandRepository;

  constructor(commands: CommandRepository) {
    this.#commands = commands;
  }

  /** A vehicle answers its own commands only: the id is looked up among those of the vehicle in the topic. */
  async reply(vehicleId: VehicleId, reply: CommandReply): Promise<ReplyResult> {
    const { commandId } = reply;
    if (isTripOrder(commandId)) return 'trip-order';
    if (!isCommandId(commandId)) return 'unknown-command';
    const outcome = outcomeOf(reply);
    if (await this.#commands.finish(vehicleId, commandId, outcome)) return 'finished';
    if (await this.#commands.noteLateReply(vehicleId, commandId, outcome)) return 'late';
    return (await this.#commands.load(vehicleId, commandId)) === undefined ? 'unknown-command' : 'repeated';
  }
}
