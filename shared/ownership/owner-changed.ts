import type { ClaimCodeChannel } from './code-service.ts';
import type { ChangeReason, OwnershipChange } from './ownership.ts';

/**
 * The one event of the ownerships: what else follows from another owner (keys, consents, subscriptions) is drawn from
 * it. It may come more than once, with the same `eventId`.
 */
export interface OwnerChanged {
  readonly name: 'OwnerChanged';
  readonly eventId: string;
  readonly vehicleId: string;
  readonly brand: string;
  /** Absent where the vehicle had no owner. Opaque: the `sub` of a person's tokens. */
  readonly previousPersonId?: string;
  /** Absent where it has none now. */
  readonly personId?: string;
  readonly reason: ChangeReason;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

function ownerChanged(change: OwnershipChange): OwnerChanged {
  const { vehicleId, changeId, brand, from, to, reason, at } = change;
  return {
    name: 'OwnerChanged',
    // One operation may end several ownerships.
    eventId: `${vehicleId}-${changeId}`,
    ...{ vehicleId, brand },
    ...(from !== undefined && { previousPersonId: from }),
    ...(to !== undefined && { personId: to }),
    ...{ reason, at },
  };
}

export interface OwnerEvents {
  put(event: OwnerChanged): Promise<void>;
}

/** How long a vehicle has use for the news that its code need not be shown any more. */
const newsLifetime = 600_000;

/** Tells of a change of the owner. Each call may come twice. */
export class OwnerChangeService {
  readonly #events: OwnerEvents;
  readonly #channel: ClaimCodeChannel;

  constructor(events: OwnerEvents, channel: ClaimCodeChannel) {
    this.#events = events;
    this.#channel = channel;
  }

  async follow(change: OwnershipChange): Promise<void> {
    await this.#events.put(ownerChanged(change));
    const { vehicleId, codeRevision: revision } = change;
    if (revision !== undefined) await this.#channel.send(vehicleId, { kind: 'used', revision }, newsLifetime);
  }
}
