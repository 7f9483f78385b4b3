import type { Instant } from '../kernel/clock.ts';
import type { Page, PageRequest } from '../kernel/paging.ts';
import type { VehicleId } from '../registry/vehicle-id.ts';
import type { Command, CommandId, Outcome } from './command.ts';

/** Each write has its own condition, so that a command gets exactly one final state. False: it did not hold. */
export interface CommandRepository {
  load(vehicleId: VehicleId, commandId: CommandId): Promise<Command | undefined>;
  /** The newest first. Throws `invalid` when `page.from` is not from one of its pages. */
  recent(vehicleId: VehicleId, page: PageRequest): Promise<Page<Command>>;
  /** Unless it is there already. */
  add(command: Command): Promise<boolean>;
  /** If it still is accepted: the vehicle may have been faster. */
  markSent(command: Command, at: Instant): Promise<boolean>;
  /** If it has no final state yet. */
  finish(vehicleId: VehicleId, commandId: CommandId, outcome: Outcome): Promise<boolean>;
  /** If it has no final state yet. */
  expire(vehicleId: VehicleId, commandId: CommandId, at: Instant): Promise<boolean>;
  /** If it has expired, and no other answer came too late before this one. */
  noteLateReply(vehicleId: VehicleId, commandId: CommandId, outcome: Outcome): Promise<boolean>;
}
