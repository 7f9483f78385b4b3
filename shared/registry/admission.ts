import type { Instant } from '../kernel/clock.ts';
import { type DeviceCertificate, moved, type Vehicle } from './vehicle.ts';

/** How long a VIN is kept for the certificate that asked first: enough to fetch it and connect. */
export const reservationTime = 10 * 60_000;

export type Admission =
  | { readonly admitted: true; readonly vehicle: Vehicle }
  | { readonly admitted: false; readonly reason: Refusal };

/** For the log alone: a stranger learns nothing but that it was refused. */
export type Refusal =
  | 'vin-not-expected'
  /** It is to connect to another device cloud. */
  | 'other-home'
  | 'key-not-pinned'
  | 'reserved-for-another-key'
  | 'already-provisioned'
  | 'suspended'
  | 'retired';

/**
 * Whether a certificate may become this vehicle's. The same device key may ask again at once, because
 * the answer may have been lost on the way; another one only after the reservation has lapsed.
 *
 * @param vehicle the one that is registered under the VIN, if any
 */
export function admission(vehicle: Vehicle | undefined, certificate: DeviceCertificate, now: Instant): Admission {
  if (vehicle === undefined) return { admitted: false, reason: 'vin-not-expected' };
  if (vehicle.deviceKeySha256 !== undefined && vehicle.deviceKeySha256 !== certificate.deviceKeySha256) {
    return { admitted: false, reason: 'key-not-pinned' };
  }
  const { lifeCycle } = vehicle;
  switch (lifeCycle.status) {
    case 'expected':
      return reserved(vehicle, certificate, now);
    case 'provisioned': {
      const holder = lifeCycle.certificate;
      if (holder.certificateId === certificate.certificateId) return { admitted: true, vehicle };
      const free = holder.deviceKeySha256 === certificate.deviceKeySha256 || !isReserved(lifeCycle.reservedUntil, now);
      return free ? reserved(vehicle, certificate, now) : { admitted: false, reason: 'reserved-for-another-key' };
    }
    case 'active':
      return { admitted: false, reason: 'already-provisioned' };
    case 'suspended':
    case 'retired':
      return { admitted: false, reason: lifeCycle.status };
  }
}

function reserved(vehicle: Vehicle, certificate: DeviceCertificate, now: Instant): Admission {
  const lifeCycle = { status: 'provisioned', certificate, reservedUntil: now + reservationTime } as const;
  return { admitted: true, vehicle: moved(vehicle, lifeCycle, now) };
}

/** None reaches further than its time: where the clock was set back, it would bar the way for as long. */
function isReserved(until: Instant, now: Instant): boolean {
  return now < until && until - now <= reservationTime;
}
