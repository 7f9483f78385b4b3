import type { Instant } from '../kernel/clock.ts';
import { reservationTime } from './admission.ts';
import { type Credentials, type DeviceCertificate, moved, type NextCertificate, type Vehicle } from './vehicle.ts';

/** How long a certificate that nobody ever connected with stays good. */
export const lapseTime = 7 * 24 * 3_600_000;

/** Lost attempts of one rotation; AWS IoT's token, without which none comes back, lives for an hour. */
const mostRemembered = 32;

/** A vehicle that is connected with one of its certificates asks for another one. */
export interface RotationRequest {
  /** The certificate of the connection over which it asks. */
  readonly askedWith: string;
  readonly certificate: DeviceCertificate;
}

export type Rotation =
  | { readonly admitted: true; readonly vehicle: Vehicle }
  | { readonly admitted: false; readonly reason: RotationRefusal };

/** For the log alone. */
export type RotationRefusal =
  | 'not-registered'
  | 'expected'
  | 'provisioned'
  | 'suspended'
  | 'retired'
  | 'not-its-certificate'
  | 'key-in-use'
  | 'replaced'
  | 'reserved-for-another-key'
  | 'moving';

/**
 * Whether a certificate may become this vehicle's next one. Both are good from then on, and the first connection with
 * the next one ends the other. The key of an attempt whose answer was lost may ask again at once and replaces what it
 * was given before; another key only after the reservation.
 *
 * @param vehicle the one whose name the connection bears, if any
 */
export function rotation(
  vehicle: Vehicle | undefined,
  { askedWith, certificate }: RotationRequest,
  now: Instant,
): Rotation {
  if (vehicle === undefined) return { admitted: false, reason: 'not-registered' };
  const { lifeCycle } = vehicle;
  if (lifeCycle.status !== 'active') return { admitted: false, reason: lifeCycle.status };
  // The other device cloud lets nobody in but the certificate that the vehicle had when it was sent there.
  if (vehicle.home?.move !== undefined) return { admitted: false, reason: 'moving' };
  const held = connectedWith(lifeCycle, askedWith);
  if (held === undefined) return { admitted: false, reason: 'not-its-certificate' };
  const { certificate: own, next } = held;
  if (next?.certificate.certificateId === certificate.certificateId) return { admitted: true, vehicle };
  if (next?.replaced.includes(certificate.certificateId) === true) return { admitted: false, reason: 'replaced' };
  // A new certificate for the key that is to be replaced would replace nothing.
  if (own.deviceKeySha256 === certificate.deviceKeySha256) return { admitted: false, reason: 'key-in-use' };
  const isFree =
    next === undefined ||
    next.certificate.deviceKeySha256 === certificate.deviceKeySha256 ||
    next.reservedAt + reservationTime <= now ||
    // From a future that the clock was set back from.
    next.reservedAt - now > reservationTime;
  if (!isFree) return { admitted: false, reason: 'reserved-for-another-key' };
  return {
    admitted: true,
    vehicle: moved(
      vehicle,
      { status: 'active', certificate: own, next: { certificate, reservedAt: now, replaced: replacedBy(next) } },
      now,
    ),
  };
}

function replacedBy(next: NextCertificate | undefined): readonly string[] {
  return next === undefined ? [] : [...next.replaced, next.certificate.certificateId].slice(-mostRemembered);
}

/** A rotation that was never confirmed ends, and its certificate with it: the very same vehicle where there is none. */
export function lapsed(vehicle: Vehicle, now: Instant): Vehicle {
  const { lifeCycle } = vehicle;
  if (lifeCycle.status !== 'active' && lifeCycle.status !== 'suspended') return vehicle;
  const { status, certificate } = lifeCycle;
  return isLapsed(lifeCycle, now) ? moved(vehicle, { status, certificate }, now) : vehicle;
}

export function isLapsed({ next }: Partial<Credentials>, now: Instant): boolean {
  return next !== undefined && next.reservedAt + lapseTime <= now;
}

/** Who asks over the next certificate is connected with it: that is the confirmation, before its presence is told. */
function connectedWith({ certificate, next }: Credentials, askedWith: string): Credentials | undefined {
  if (certificate.certificateId === askedWith) return { certificate, ...(next !== undefined && { next }) };
  return next?.certificate.certificateId === askedWith ? { certificate: next.certificate } : undefined;
}
