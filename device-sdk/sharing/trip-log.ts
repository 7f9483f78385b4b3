import { base64url } from '#shared/kernel/base64url.ts';
import type { KeySigner } from '#shared/sharing/keys/key-signer.ts';
import { signTripEvent } from '#shared/sharing/keys/trip-line.ts';
import type { TripEvent, TripEventKind } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import type { SharedBody } from './shared-body.ts';
import type { SharingMemory, SharingRecord, Trip } from './sharing-memory.ts';

export interface TripLogParts {
  readonly memory: SharingMemory;
  readonly body: SharedBody;
  readonly signer: () => KeySigner;
  readonly vehicleId: () => string;
}

/** A line, and what the memory has to take in together with what it says. */
export interface NextLine {
  readonly line: string;
  readonly written: Pick<SharingRecord, 'last' | 'unsent'>;
}

/** The vehicle's own log of who used it: each line is signed, numbered, and names the one before. */
export class TripLog {
  private readonly parts: TripLogParts;

  constructor(parts: TripLogParts) {
    this.parts = parts;
  }

  /** @param judgedBy the version of the zones by which the trip may end here */
  async next(
    kind: TripEventKind,
    { fence, reservationId, tokenId, lastAt }: Pick<Trip, 'fence' | 'reservationId' | 'tokenId' | 'lastAt'>,
    judgedBy?: number,
  ): Promise<NextLine> {
    const { memory, body, signer, vehicleId } = this.parts;
    const { boot, last } = memory.record;
    const { place, odometer, charge } = body.conditions();
    const sequence = last?.boot === boot ? last.sequence + 1 : 1;
    const event: TripEvent = {
      ...{ vehicleId: vehicleId(), fence, reservationId, tokenId, boot, sequence },
      ...(last !== undefined && { after: last }),
      ...{ at: lastAt, kind, odometer, charge },
      ...(place !== undefined && { place }),
      ...(judgedBy !== undefined && { zonesVersion: judgedBy }),
    };
    const line = base64url(await signTripEvent(event, signer()));
    // Of those before, the cloud may have acknowledged some while this one was signed.
    return { line, written: { last: { boot, sequence }, unsent: [...memory.record.unsent, line] } };
  }
}
