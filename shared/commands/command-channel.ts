import type { Instant } from '../kernel/clock.ts';
import type { VehicleId } from '../registry/vehicle-id.ts';
import type { CommandReply, CommandRequest } from '../vehicle-cloud/envelopes.ts';

/** The way to a vehicle, in whatever device cloud it is at home. */
export interface CommandChannel {
  /**
   * Hands the request over; it is dropped on the way when it expires.
   *
   * @param replyWithin seconds for which somebody waits for the outcome; absent: nobody does
   * @returns what the vehicle answered meanwhile, where its device cloud hands that back; it says so again as ever
   */
  send(
    vehicleId: VehicleId,
    request: CommandRequest,
    now: Instant,
    replyWithin?: number,
  ): Promise<CommandReply | undefined>;
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
