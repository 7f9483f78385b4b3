import type { AuditTrail } from '../audit/audit-trail.ts';
import { commandRecord } from '../audit/command-record.ts';
import type { Clock } from '../kernel/clock.ts';
import type { VehicleId } from '../registry/vehicle-id.ts';
import { type Command, type CommandId, expiryGuard, isFinal, isPast } from './command.ts';
import type { ExpiryTimer } from './command-channel.ts';
import type { CommandRepository } from './command-repository.ts';

export type ExpiryResult = 'expired' | 'settled' | 'postponed';

export interface ExpiryPorts {
  readonly commands: CommandRepository;
  readonly timer: ExpiryTimer;
  readonly trail: AuditTrail;
  readonly clock: Clock;
}

/**
 * How commands end by time. Each command has a reminder that comes after its end, whatever the end was: so here, and
 * nowhere else, the end is written into the audit.
 */
export class ExpiryService {
  readonly #ports: ExpiryPorts;

  constructor(ports: ExpiryPorts) {
    this.#ports = ports;
  }

  /** A reminder that is early, because no timer waits that long or the clocks differ, sets the next one. */
  async remind(vehicleId: VehicleId, commandId: CommandId): Promise<ExpiryResult> {
    const { commands, timer, clock } = this.#ports;
    const command = await commands.load(vehicleId, commandId);
    // A reminder without a command: its sender died in between, and nothing was sent; or the vehicle was erased.
    if (command === undefined) return 'settled';
    if (isFinal(command.state)) return this.#settled(command);
    const now = clock.now();
    if (!isPast(command, now)) {
      await timer.wake({ vehicleId, commandId }, command.expiresAt + expiryGuard, now);
      return 'postponed';
    }
    const isExpired = await commands.expire(vehicleId, commandId, now);
    await this.#settled((await commands.load(vehicleId, commandId)) ?? command);
    return isExpired ? 'expired' : 'settled';
  }

  async #settled(command: Command): Promise<'settled'> {
    const record = commandRecord(command);
    if (record !== undefined) await this.#ports.trail.append([record]);
    return 'settled';
  }
}
