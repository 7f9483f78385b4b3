import { type Caller, requireScope } from '../access/caller.ts';
import type { Operation } from '../access/idempotent-operation.ts';
import type { Clock, Instant } from '../kernel/clock.ts';
import { Failure } from '../kernel/failure.ts';
import type { Page, PageRequest } from '../kernel/paging.ts';
import type { VehicleId } from '../registry/vehicle-id.ts';
import type { VehicleService } from '../registry/vehicle-service.ts';
import {
  type Command,
  type CommandId,
  commandIdOf,
  expiryGuard,
  isFinal,
  isOverdue,
  isReachable,
  requestOf,
  requireReachable,
} from './command.ts';
import { type CommandName, commandCatalogue } from './command-catalogue.ts';
import type { CommandChannel, ExpiryTimer } from './command-channel.ts';
import type { CommandRepository } from './command-repository.ts';
import { ReplyService } from './reply-service.ts';

export interface CommandPorts {
  readonly vehicles: VehicleService;
  readonly commands: CommandRepository;
  readonly channel: CommandChannel;
  readonly timer: ExpiryTimer;
  readonly clock: Clock;
  readonly pause: (ms: number) => Promise<void>;
}

export interface CommandOrder {
  readonly name: CommandName;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly expiresInSeconds: number;
  /** Seconds for which the caller waits for the outcome; absent: not at all. */
  readonly replyWithin?: number;
}

export class CommandService {
  readonly #ports: CommandPorts;
  readonly #replies: ReplyService;

  constructor(ports: CommandPorts) {
    this.#ports = ports;
    this.#replies = new ReplyService(ports.commands);
  }

  async issue(caller: Caller, vehicleId: VehicleId, order: CommandOrder, operation: Operation): Promise<Command> {
    requireScope(caller, commandCatalogue[order.name].scope);
    const [{ vehicle, connection }, earlier] = await Promise.all([
      this.#ports.vehicles.get(caller, vehicleId),
      this.#ofEarlierRun(vehicleId, operation),
    ]);
    const now = this.#ports.clock.now();
    if (earlier === undefined) {
      requireReachable(vehicle, connection, now);
      return this.#send(commandOf(caller, vehicleId, order, operation), order.replyWithin);
    }
    // It stands there and may have been sent: too late to refuse it. Who cannot be reached gets it no second time.
    const unsent = earlier.state.status === 'accepted' && isReachable(vehicle, connection, now);
    return unsent ? this.#send(earlier, order.replyWithin) : earlier;
  }

  async get(caller: Caller, vehicleId: VehicleId, commandId: CommandId): Promise<Command> {
    await this.#ports.vehicles.require(caller, vehicleId);
    const command = await this.#ports.commands.load(vehicleId, commandId);
    if (command === undefined) throw new Failure('not-found', 'command-not-found', 'The vehicle got no such command.');
    return command;
  }

  async recent(caller: Caller, vehicleId: VehicleId, page: PageRequest): Promise<Page<Command>> {
    await this.#ports.vehicles.require(caller, vehicleId);
    return this.#ports.commands.recent(vehicleId, page);
  }

  /** The command as soon as it is final, or as it is at `until`. Looks often at first: most answers are quick. */
  async settled(command: Command, until: Instant): Promise<Command> {
    const { commands, clock, pause } = this.#ports;
    let seen = command;
    for (let interval = 20; !isFinal(seen.state); interval = Math.min(interval * 1.5, 250)) {
      const left = until - clock.now();
      if (left <= 0) break;
      await pause(Math.min(interval, left));
      seen = (await commands.load(seen.vehicleId, seen.commandId)) ?? seen;
    }
    return seen;
  }

  /**
   * The reminder goes out first: whatever dies after it, the command finds an end. The record comes before
   * the message, so that an answer always finds its command.
   */
  async #send(command: Command, replyWithin: number | undefined): Promise<Command> {
    const { commands, channel, timer, clock } = this.#ports;
    const { vehicleId, commandId } = command;
    await timer.wake({ vehicleId, commandId }, command.expiresAt + expiryGuard, clock.now());
    await commands.add(command);
    const now = clock.now();
    // An operation that goes on after a crash keeps its times. What is over is not published any more.
    if (isOverdue(command, now)) await commands.expire(vehicleId, commandId, now);
    else {
      const reply = await channel.send(vehicleId, requestOf(command), now, replyWithin);
      if (reply !== undefined) await this.#replies.reply(vehicleId, reply);
      const sentAt = clock.now();
      if (await commands.markSent(command, sentAt)) return { ...command, state: { status: 'sent', sentAt } };
    }
    return (await commands.load(vehicleId, commandId)) ?? command;
  }

  /** Of a run of the same operation that broke off, under an Idempotency-Key. */
  #ofEarlierRun(vehicleId: VehicleId, operation: Operation): Promise<Command | undefined> {
    return this.#ports.commands.load(vehicleId, commandIdOf(operation));
  }
}

function commandOf(caller: Caller, vehicleId: VehicleId, order: CommandOrder, operation: Operation): Command {
  const { name, parameters, expiresInSeconds } = order;
  const issuedAt = operation.startedAt;
  return {
    ...{ commandId: commandIdOf(operation), vehicleId, name, parameters, issuedBy: caller.clientId },
    ...{ issuedAt, expiresAt: issuedAt + expiresInSeconds * 1000, state: { status: 'accepted' } },
  };
}
