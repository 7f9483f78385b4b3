import type { Instant } from '../kernel/clock.ts';
import type { VehicleId } from '../registry/vehicle-id.ts';
import type { CheckedBatch } from './batch.ts';
import type { LastReadings } from './last-known.ts';

export interface VersionedLastReadings {
  readonly readings: LastReadings;
  /** 0: nothing is stored yet. */
  readonly version: number;
  /** What was reported in these times has been erased, and does not come back. */
  readonly erased: readonly ErasedTime[];
}

/** Both ends included. */
export interface ErasedTime {
  readonly from: Instant;
  readonly to: Instant;
}

export interface TelemetryRepository {
  /** Keeps a message until `forgetAt`, unless it is there already: a resend is the same message. */
  addToHistory(vehicleId: VehicleId, batch: CheckedBatch, forgetAt: Instant): Promise<void>;
  /** The messages that began in this time, the earliest first, read on as they are asked for. */
  history(vehicleId: VehicleId, startedFrom: Instant, startedTo: Instant): AsyncIterable<CheckedBatch>;
  loadLast(vehicleId: VehicleId): Promise<VersionedLastReadings>;
  /** False when another message was merged since version `seen`. */
  saveLast(
    vehicleId: VehicleId,
    last: Pick<VersionedLastReadings, 'readings' | 'erased'>,
    seen: number,
  ): Promise<boolean>;
}
