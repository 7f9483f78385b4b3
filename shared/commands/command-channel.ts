import type { Instant } from '../kernel/clock.ts';
import type { VehicleId } from '../registry/vehicle-id.ts';
import type { CommandReply, CommandRequest } from '../vehicle-cloud/envelopes.ts';

/** The way to a vehicle, in whatever device cloud it is at home. */
export interface CommandChannel {
  /**
   * Hands the request over; it is dropped on the way when it expires.
   *
   * @returns what the vehicle answered at once, where its device cloud waits for that; it says so again as ever
   */
  send(vehicleId: VehicleId, request: CommandRequest, now: Instant): Promise<CommandReply | undefined>;
}

/** Remembers to look at a command again. */
export interface ExpiryTimer {
  /** At least once, and not long after `at`; early where the timer waits no longer. */
  wake(reminder: ExpiryReminder, at: Instant, now: Instant): Promise<void>;
}

export interface ExpiryReminder {
  readonly vehicleId: string;
  readonly commandId: string;
}
