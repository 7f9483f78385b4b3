import { base64urlBytes } from '#shared/kernel/base64url.ts';
import { readStatement } from '#shared/sharing/keys/key-statement.ts';
import type { IssuerKey, KeyStatement } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { contentOf } from './issued.ts';
import type { SharingRecord } from './sharing-memory.ts';

interface Said {
  readonly issuer: IssuerKey;
  readonly statement: KeyStatement;
}

/**
 * What the issuer says of this vehicle; undefined where it is not theirs, or of another.
 *
 * @param issuer whom the vehicle takes keys from; before it took in anybody, whoever the cloud names
 */
export function statementFor(vehicleId: string, text: string, issuer: IssuerKey): Said | undefined {
  const bytes = base64urlBytes(text);
  const statement = bytes && contentOf(() => readStatement(bytes), issuer);
  return statement?.vehicleId === vehicleId ? { issuer, statement } : undefined;
}

/** What holds from now on; undefined where something newer holds already. A trip that is on is not touched. */
export function takenIn(record: SharingRecord, { issuer, statement }: Said): Partial<SharingRecord> | undefined {
  const { version, systemId, vehicleTypeId, minimumCharge, zonesVersion, minimumFence, revoked, successor } = statement;
  if (record.statement !== undefined && version < record.statement.version) return undefined;
  return {
    issuer: successor ?? issuer,
    statement: { version, systemId, vehicleTypeId, minimumCharge, zonesVersion },
    minimumFence: Math.max(record.minimumFence, minimumFence),
    revoked: [...revoked],
    owesAdmits: true,
  };
}
