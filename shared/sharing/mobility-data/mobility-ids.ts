import type { KeyedDigest } from '../feeds/public-id.ts';
import type { OperatorId } from '../sharing-id.ts';
import type { TripKey } from '../trips/trip.ts';
import type { ToldEvent } from './told-event.ts';

/** Ids of a city's own: nobody who has not its key finds out what they are of, nor that another city's are of the same. */
export class MobilityIds {
  readonly #digest: KeyedDigest;

  constructor(digest: KeyedDigest) {
    this.#digest = digest;
  }

  /** MDS 2.0, "Devices": the same as long as the vehicle serves. */
  device(vehicleId: string): string {
    return this.#uuid(`device/${vehicleId}`);
  }

  /** Of one use of one vehicle: nothing of the person is in it. */
  trip({ vehicleId, fence }: TripKey): string {
    return this.#uuid(`trip/${vehicleId}/${fence}`);
  }

  journey({ vehicleId, fence }: TripKey): string {
    return this.#uuid(`journey/${vehicleId}/${fence}`);
  }

  event({ vehicleId, version, place }: Pick<ToldEvent, 'vehicleId' | 'version' | 'place'>): string {
    return this.#uuid(`event/${vehicleId}/${version}/${place}`);
  }

  telemetry(vehicleId: string, of: string): string {
    return this.#uuid(`telemetry/${vehicleId}/${of}`);
  }

  /** Of who has not told the one that it is registered under. */
  provider(operatorId: OperatorId): string {
    return this.#uuid(`provider/${operatorId}`);
  }

  /** RFC 9562 by form (version 5, a name's digest), HMAC-SHA-256 instead of SHA-1. */
  #uuid(name: string): string {
    const bytes = [...this.#digest(name).slice(0, 16)];
    const marked = bytes.map((byte, n) => (n === 6 ? (byte & 0x0f) | 0x50 : n === 8 ? (byte & 0x3f) | 0x80 : byte));
    const hex = marked.map((byte) => byte.toString(16).padStart(2, '0')).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }
}

export const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
