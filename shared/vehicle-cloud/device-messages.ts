import type { Instant } from '../kernel/clock.ts';
import type { VehicleId } from '../registry/vehicle-id.ts';

/** What a vehicle listens to. */
export type DownChannel = 'commands' | 'claim-code' | 'updates' | 'sharing';

/** A message to one vehicle, the same in every device cloud. */
export interface DeviceMessage {
  readonly channel: DownChannel;
  /** Becomes JSON. */
  readonly payload: object;
  /** Dropped on the way when it is over; the vehicle checks once more. */
  readonly expiresAt: Instant;
  /**
   * `live`: for a vehicle that is there, which asks again otherwise; whether one that is away finds it, nobody may count
   * on. `queued`: kept until it expires for a vehicle that is away.
   */
  readonly mode: 'live' | 'queued';
  /** The same for the same message: it may arrive twice and is one. */
  readonly messageId: string;
  /** Seconds for which somebody waits for the vehicle's reply; absent: nobody does, and `send` takes no longer than it must. */
  readonly replyWithin?: number;
}

/** What is known when a message was handed over. */
export interface Handed {
  /** What the vehicle answered at once, where it was waited for; unparsed, and to be said again. */
  readonly reply?: unknown;
}

/** The way to vehicles, in whatever device cloud they are at home. */
export interface DeviceMessages {
  /** Throws `unavailable` where the device cloud cannot take it now. */
  send(vehicleId: VehicleId, message: DeviceMessage, now: Instant): Promise<Handed>;
}
