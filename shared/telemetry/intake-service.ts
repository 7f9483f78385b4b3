import type { Clock, Instant } from '../kernel/clock.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import type { VehicleId } from '../registry/vehicle-id.ts';
import { type CheckedBatch, checkBatch, type RefusedReadings } from './batch.ts';
import { withBatches } from './last-known.ts';
import type { ErasedTime, TelemetryRepository, VersionedLastReadings } from './telemetry-repository.ts';

/** A message on its way from a vehicle, with the bytes as the vehicle sent them. */
export interface TelemetryMessage {
  readonly vehicleId: VehicleId;
  readonly receivedAt: Instant;
  readonly payload: Uint8Array;
}

/** What cannot be kept, with the reason: the whole message, or single readings of it. */
export type Quarantined = { readonly vehicleId: VehicleId; readonly receivedAt: Instant; readonly reason: string } & (
  | { readonly payload: Uint8Array }
  | { readonly sequence: number; readonly readings: readonly RefusedReadings[] }
);

export interface Quarantine {
  add(entry: Quarantined): Promise<void>;
}

/** Signals of one message that are named in quarantine, so that no message is too long to be put there. */
const signalsNamed = 100;

export interface IntakePorts {
  readonly telemetry: TelemetryRepository;
  readonly quarantine: Quarantine;
  readonly clock: Clock;
  /** ms that history is kept for. */
  readonly keptFor: number;
}

/** Takes telemetry in: bad readings go to quarantine, good ones to history and among the last known. */
export class IntakeService {
  readonly #ports: IntakePorts;

  constructor(ports: IntakePorts) {
    this.#ports = ports;
  }

  /**
   * Messages of one vehicle, in any order. Their last known values are written once for all of them.
   *
   * @returns those that could not be stored and have to come again, each with the error
   */
  async takeIn(
    vehicleId: VehicleId,
    messages: readonly TelemetryMessage[],
  ): Promise<ReadonlyMap<TelemetryMessage, unknown>> {
    const failed = new Map<TelemetryMessage, unknown>();
    let known: VersionedLastReadings;
    try {
      known = await this.#ports.telemetry.loadLast(vehicleId);
    } catch (error) {
      return new Map(messages.map((message) => [message, error]));
    }
    const good = new Map<TelemetryMessage, CheckedBatch>();
    await Promise.all(
      messages.map(async (message) => {
        try {
          const batch = await this.#keep(message, known.erased);
          if (batch !== undefined) good.set(message, batch);
        } catch (error) {
          failed.set(message, error);
        }
      }),
    );
    try {
      if (good.size > 0) await this.#updateLast(vehicleId, [...good.values()], known);
    } catch (error) {
      for (const message of good.keys()) failed.set(message, error);
    }
    return failed;
  }

  async #keep(message: TelemetryMessage, erased: readonly ErasedTime[]): Promise<CheckedBatch | undefined> {
    const { telemetry, quarantine, keptFor } = this.#ports;
    const { vehicleId, receivedAt, payload } = message;
    const check = checkBatch(payload, { receivedAt, keptFor });
    if (check.kind === 'broken') {
      await quarantine.add({ vehicleId, receivedAt, reason: check.reason, payload });
      return undefined;
    }
    const { refused } = check;
    const batch = withoutErased(check.batch, erased);
    if (refused.length > 0) {
      const reason = `${refused.length} signals have readings that cannot be kept`;
      const readings = refused.slice(0, signalsNamed);
      await quarantine.add({ vehicleId, receivedAt, reason, sequence: batch.sequence, readings });
    }
    if (batch.readings.length === 0) return undefined;
    await telemetry.addToHistory(vehicleId, batch, batch.start + keptFor);
    return batch;
  }

  async #updateLast(
    vehicleId: VehicleId,
    batches: readonly CheckedBatch[],
    known: VersionedLastReadings,
  ): Promise<void> {
    const { telemetry, clock } = this.#ports;
    let seen: VersionedLastReadings | undefined = known;
    await untilSaved(async () => {
      const { readings, version, erased } = seen ?? (await telemetry.loadLast(vehicleId));
      seen = undefined;
      const next = withBatches(
        readings,
        batches.map((batch) => withoutErased(batch, erased)),
        clock.now(),
      );
      const last = { readings: next, erased };
      return next === readings || (await telemetry.saveLast(vehicleId, last, version)) ? true : undefined;
    });
  }
}

/** What was erased stays so, also where the vehicle comes out of its garage with it only now. */
function withoutErased(batch: CheckedBatch, erased: readonly ErasedTime[]): CheckedBatch {
  if (erased.length === 0) return batch;
  const isErased = (at: Instant) => erased.some(({ from, to }) => at >= from && at <= to);
  return { ...batch, readings: batch.readings.filter(({ time }) => !isErased(time)) };
}
