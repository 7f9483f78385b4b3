import type { VehicleStatus } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import type { Host } from '../host.ts';
import type { SharedBody, SharedConditions } from './shared-body.ts';
import type { SharingMemory } from './sharing-memory.ts';

interface StatusParts {
  readonly memory: SharingMemory;
  readonly body: SharedBody;
  readonly now: () => number;
  readonly host: Host;
}

/** Milliseconds between two. */
const atLeast = 10_000;
const atMost = 900_000;
/** Degrees; some fifty metres. */
const elsewhere = 0.0005;

/** How the vehicle stands: told at each change of note, else every quarter of an hour, and never more often than each 10 s. */
export class StatusReport {
  private readonly parts: StatusParts;
  private sequence = 0;
  private told: { readonly conditions: SharedConditions; readonly trip: string; readonly at: number } | undefined;

  constructor(parts: StatusParts) {
    this.parts = parts;
  }

  /** What was told belongs to a line that is gone. */
  forget(): void {
    this.told = undefined;
  }

  /** Milliseconds until the next one. */
  dueIn(): number {
    if (this.told === undefined) return 0;
    const since = this.parts.host.monotonic() - this.told.at;
    return Math.max(0, (this.hasChanged(this.told) ? atLeast : atMost) - since);
  }

  async tell(send: (status: VehicleStatus) => Promise<void>): Promise<void> {
    const { body, memory, now, host } = this.parts;
    const conditions = body.conditions();
    const { place, charge, rangeMeters, charging } = conditions;
    const { last = { boot: 0, sequence: 0 }, unsent } = memory.record;
    this.told = { conditions, trip: this.trip(), at: host.monotonic() };
    this.sequence += 1;
    try {
      await send({
        ...{ boot: memory.record.boot, sequence: this.sequence, at: now(), charge, charging },
        ...(place !== undefined && { place }),
        ...(rangeMeters !== undefined && { rangeMeters }),
        ...(unsent.length === 0 && { logged: last }),
      });
    } catch (error) {
      this.told = undefined;
      throw error;
    }
  }

  private hasChanged({ conditions: before, trip }: NonNullable<StatusReport['told']>): boolean {
    const { charge, charging, place, speed } = this.parts.body.conditions();
    return (
      (speed === 0) !== (before.speed === 0) ||
      (speed === 0 && isElsewhere(place, before.place)) ||
      charging !== before.charging ||
      Math.abs(charge - before.charge) >= 1 ||
      this.trip() !== trip
    );
  }

  private trip(): string {
    const { trip } = this.parts.memory.record;
    return trip === undefined ? '' : `${trip.fence} ${trip.state}`;
  }
}

function isElsewhere(here: SharedConditions['place'], before: SharedConditions['place']): boolean {
  if (here === undefined || before === undefined) return here !== before;
  const { latitude, longitude } = before;
  return Math.abs(here.latitude - latitude) > elsewhere || Math.abs(here.longitude - longitude) > elsewhere;
}
