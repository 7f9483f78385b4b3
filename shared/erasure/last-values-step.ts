import { untilSaved } from '../kernel/optimistic.ts';
import { isVehicleId } from '../registry/vehicle-id.ts';
import type { TelemetryRepository, VersionedLastReadings } from '../telemetry/telemetry-repository.ts';
import { type Erasure, isWithin, type ReportedSpan } from './erasure.ts';
import type { ErasureStep, Found } from './erasure-work.ts';

/**
 * The last known values of the times that are erased, and the mark that keeps readings of these times from coming
 * back: it stands before the history is erased, so that what arrives meanwhile is turned away.
 */
export class LastValuesStep implements ErasureStep {
  readonly category = 'last-values';
  readonly where = 'Telemetry';
  readonly #telemetry: TelemetryRepository;

  constructor(telemetry: TelemetryRepository) {
    this.#telemetry = telemetry;
  }

  async find({ spans }: Erasure): Promise<Found> {
    const keys: string[] = [];
    let count = 0;
    for (const span of spans) {
      const last = await this.#telemetry.loadLast(span.vehicleId);
      const inside = valuesIn(last, span);
      if (inside === 0 && isMarked(last, span)) continue;
      keys.push(keyOf(span));
      count += inside;
    }
    return { keys, count };
  }

  async erase(_: Erasure, keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.#eraseIn(spanOf(key));
  }

  #eraseIn(span: ReportedSpan): Promise<true> {
    return untilSaved(async () => {
      const last = await this.#telemetry.loadLast(span.vehicleId);
      if (valuesIn(last, span) === 0 && isMarked(last, span)) return true;
      const readings = new Map([...last.readings].filter(([, { time }]) => !isWithin(time, span)));
      const { from, to } = span;
      const erased = isMarked(last, span) ? last.erased : [...last.erased, { from, to }];
      return (await this.#telemetry.saveLast(span.vehicleId, { readings, erased }, last.version)) || undefined;
    });
  }
}

function valuesIn({ readings }: VersionedLastReadings, span: ReportedSpan): number {
  return [...readings.values()].filter(({ time }) => isWithin(time, span)).length;
}

function isMarked({ erased }: VersionedLastReadings, { from, to }: ReportedSpan): boolean {
  return erased.some((mark) => mark.from <= from && mark.to >= to);
}

function keyOf({ vehicleId, from, to }: ReportedSpan): string {
  return `${vehicleId} ${from} ${to}`;
}

function spanOf(key: string): ReportedSpan {
  const [vehicleId = '', from, to] = key.split(' ');
  if (!isVehicleId(vehicleId)) throw new RangeError('A key names no time of a vehicle');
  return { vehicleId, from: Number(from), to: Number(to) };
}
