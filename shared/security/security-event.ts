import type { Instant } from '../kernel/clock.ts';
import type { VehicleId } from '../registry/vehicle-id.ts';
import { canonical } from '../twins/twin.ts';

/** Something that was tried and refused, for whoever watches over vehicles (UN R155, 7.2.2.2 g). Ids alone. */
export type SecurityEvent =
  | {
      readonly kind: 'attack-refused';
      readonly vehicleId: VehicleId;
      readonly campaignId: string;
      /** In the words of the Uptane Standard: `rollback`, `freeze` … */
      readonly attack: string;
      /** The result of an update, or the signed report of a control unit to the Director. */
      readonly toldBy: 'result' | 'version-report';
      readonly ecuId?: string;
      readonly at: Instant;
    }
  | {
      /** Metadata that were brought for a repository, and would have been a way in. */
      readonly kind: 'metadata-refused';
      readonly repository: string;
      readonly role: string;
      /** The problem's code. */
      readonly reason: string;
      readonly clientId: string;
      readonly at: Instant;
    }
  | {
      /** Somebody wanted a vehicle's next certificate who is not it. */
      readonly kind: 'rotation-refused';
      readonly vehicleId: VehicleId;
      readonly reason: string;
      readonly certificateId: string;
      readonly at: Instant;
    }
  | {
      /** A line in the log of a shared vehicle that the vehicle did not sign, or that contradicts one it has signed. */
      readonly kind: 'trip-log-refused';
      readonly vehicleId: VehicleId;
      readonly reason: string;
      readonly at: Instant;
    };

const day = 24 * 3_600_000;

/**
 * The same for what is told again: a vehicle names what it refused in each report until it is answered, and who tries
 * goes on trying. So of one kind there is one event a day; the logs have each.
 */
export function securityEventId({ at, ...event }: SecurityEvent, sha256: (text: string) => string): string {
  const told = canonical({ ...event, day: Math.floor(at / day) });
  return `sec-${sha256(told).slice(0, 32)}`;
}

/** Whose folder it lies in. */
export function aboutOf(event: SecurityEvent): string {
  return 'vehicleId' in event ? event.vehicleId : 'platform';
}
