import type { Clock } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import type { KeyToken } from '../../vehicle-cloud/sharing-envelopes.ts';
import type { KeyIssuer } from '../keys/key-signer.ts';
import { keyActions, mintToken } from '../keys/key-token.ts';
import type { SharingSetup } from '../setup/setup-repository.ts';
import type { ReservationId } from '../sharing-id.ts';
import { expiryGuard } from './booked-vehicle.ts';
import { holdExpired, reservationNotFound } from './booking-refusals.ts';
import type { BookingService, Claimant } from './booking-service.ts';
import { type DepositPorts, setAside } from './deposit.ts';
import type { Assigned } from './reservation.ts';

export interface KeyPorts extends DepositPorts {
  readonly service: Pick<BookingService, 'active' | 'driver' | 'issueKey'>;
  readonly setup: Pick<SharingSetup, 'plan' | 'fleetVehicle'>;
  readonly issuer: () => Promise<KeyIssuer>;
  readonly clock: Clock;
  /** 16 hex characters. */
  readonly newTokenId: () => string;
}

export interface IssuedKey {
  readonly token: Uint8Array;
  readonly claims: KeyToken;
}

/** Keys for phones: money is set aside first, then it is written down that a key is out, and then alone it is signed. */
export class KeyService {
  readonly #ports: KeyPorts;

  constructor(ports: KeyPorts) {
    this.#ports = ports;
  }

  /** @throws Failure where it is not theirs, has expired, or is not paid for; no key is out then */
  async issue(claimant: Claimant, reservationId: ReservationId, phoneKey: KeyToken['phoneKey']): Promise<IssuedKey> {
    const { service, setup, clock, issuer, newTokenId } = this.#ports;
    const vehicle = await service.active(claimant);
    if (vehicle?.assignment.reservationId !== reservationId) throw reservationNotFound();
    const { startedAt, expiresAt, keyUntil } = vehicle.assignment;
    const now = clock.now();
    if (startedAt === undefined && expiresAt <= now) throw holdExpired();
    const fleet = await setup.fleetVehicle(vehicle.vehicleId);
    if (fleet !== undefined && fleet.speaks !== 'device') throw takesNoKey();
    // Its first word would have been the key of its log: it knows nobody yet whom keys come from.
    if (fleet !== undefined && fleet.logKey === undefined && startedAt === undefined) throw neverHeard();
    // Who has had a key has paid for it, and who drives is asked for nothing more before the end.
    if (startedAt === undefined && keyUntil === undefined) await setAside(this.#ports, vehicle);
    const { signer } = await issuer();
    const issued = await service.issueKey(claimant, reservationId);
    const claims = claimsOf(issued, { tokenId: newTokenId(), phoneKey, issuedAt: now });
    return { token: await mintToken(claims, signer), claims };
  }
}

function claimsOf(
  { assignment, vehicleId, fence }: Assigned,
  { tokenId, phoneKey, issuedAt }: Pick<KeyToken, 'tokenId' | 'phoneKey' | 'issuedAt'>,
): KeyToken {
  const { reservationId, heldAt, keyUntil = assignment.expiresAt } = assignment;
  // The vehicle's clock may be behind.
  const notBefore = heldAt - expiryGuard;
  return {
    ...{ tokenId, vehicleId, reservationId, fence, actions: keyActions },
    notBefore,
    issuedAt,
    expiresAt: keyUntil,
    phoneKey,
  };
}

function neverHeard(): Failure {
  return new Failure('conflict', 'vehicle-takes-no-key', 'The vehicle has never said that it takes keys.', {
    resolution: 'Cancel, and take another vehicle; its operator looks whether it connects.',
  });
}

function takesNoKey(): Failure {
  return new Failure('conflict', 'vehicle-takes-no-key', 'The vehicle is opened by its operator’s own means.', {
    resolution: 'Open it as the operator says.',
  });
}
