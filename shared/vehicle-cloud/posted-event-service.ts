import type { Clock } from '../kernel/clock.ts';
import type { HomeName } from '../registry/home.ts';
import type { VehicleId } from '../registry/vehicle-id.ts';
import type { Quarantine } from '../telemetry/intake-service.ts';
import type { PostedEvent } from './device-post.ts';
import { type Judgement, judged, type RegisteredHome, type Road } from './posted-event.ts';

/** An event on its way to whoever hears such ones. */
export interface Handed {
  readonly road: Road;
  readonly home: HomeName;
  readonly event: PostedEvent;
}

/** Hands events on. Each may come twice. */
export interface EventRoads {
  /** @throws Failure `unavailable` where one was not handed on; others may have been */
  hand(events: readonly Handed[]): Promise<void>;
}

export interface VehicleHomes {
  /** Of those that are registered, or were until they were erased. */
  load(vehicleIds: readonly VehicleId[]): Promise<ReadonlyMap<VehicleId, NonNullable<RegisteredHome>>>;
}

export interface PostedEventPorts {
  readonly homes: VehicleHomes;
  readonly roads: EventRoads;
  readonly quarantine: Quarantine;
  readonly clock: Clock;
}

/** Takes in what other device clouds post. */
export class PostedEventService {
  readonly #ports: PostedEventPorts;

  constructor(ports: PostedEventPorts) {
    this.#ports = ports;
  }

  /** What became of each; a second time does no harm, also where the first one ended half-way with an error. */
  async take(home: HomeName, posted: readonly PostedEvent[]): Promise<readonly Judgement[]> {
    const { homes, roads, quarantine, clock } = this.#ports;
    const now = clock.now();
    // Nothing was received after now: a device cloud whose clock is ahead must not put a reading into the future.
    const events = posted.map((event) => ({ ...event, at: Math.min(event.at, now) }));
    const vehicles = await homes.load([...new Set(events.map(({ vehicleId }) => vehicleId))]);
    const judgements = events.map((event) => ({
      event,
      judgement: judged(event, home, vehicles.get(event.vehicleId)),
    }));
    const handed = judgements.flatMap(({ event, judgement }) =>
      judgement.kind === 'taken' ? [{ road: judgement.road, home, event }] : [],
    );
    if (handed.length > 0) await roads.hand(handed);
    await Promise.all(
      judgements.map(async ({ event, judgement }) => {
        if (judgement.kind !== 'quarantined') return;
        const { vehicleId, at: receivedAt, payload } = event;
        await quarantine.add({ vehicleId, receivedAt, reason: judgement.reason, payload: bytesOf(payload) });
      }),
    );
    return judgements.map(({ judgement }) => judgement);
  }
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
