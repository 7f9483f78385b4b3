import * as z from 'zod/mini';
import type { SignedStatement, UpdateStatement } from '../../vehicle-cloud/update-envelopes.ts';
import { canonicalBytes } from '../uptane/canonical.ts';
import type { Cryptography, PublicKey } from '../uptane/key.ts';
import { isBy } from '../uptane/threshold.ts';

const ecu = z.object({
  ecuId: z.string(),
  hardwareId: z.string(),
  serialNumber: z.string(),
  softwareVersion: z.string(),
  releaseCounter: z.int(),
  sha256: z.string(),
});
const configuration = z.object({
  softwareVersion: z.string(),
  rxswins: z.record(z.string(), z.string()),
  ecus: z.array(ecu),
});
const precondition = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('parked') }),
  z.object({ kind: z.literal('ignition-off') }),
  z.object({ kind: z.literal('battery'), percent: z.number() }),
  z.object({ kind: z.literal('not-charging') }),
]);

const statementSchema = z.object({
  vehicleId: z.string(),
  campaignId: z.string(),
  attempt: z.int(),
  outcome: z.enum(['installed', 'failed']),
  before: configuration,
  after: configuration,
  checked: z.exactOptional(
    z.object({
      at: z.int(),
      metadataIssuedAt: z.int(),
      preconditions: z.array(precondition),
      conditions: z.object({
        parked: z.boolean(),
        ignitionOn: z.boolean(),
        battery: z.number(),
        charging: z.boolean(),
      }),
    }),
  ),
  consent: z.exactOptional(
    z.object({ revision: z.int(), at: z.int(), from: z.int(), to: z.int(), language: z.string() }),
  ),
  shown: z.object({ language: z.string(), text: z.string() }),
}) satisfies z.ZodMiniType<UpdateStatement>;

const signatures = z.array(z.object({ keyid: z.string(), method: z.string(), sig: z.string() }));
const signedSchema = z.object({
  signed: z.record(z.string(), z.unknown()),
  signatures,
}) satisfies z.ZodMiniType<{ signed: unknown; signatures: SignedStatement['signatures'] }>;

/** `unverified`: of no key that the Director knows of the vehicle. */
export type StatementSignature = 'verified' | 'unverified' | 'unsigned';

export interface ReadStatement {
  readonly statement: UpdateStatement;
  readonly signature: StatementSignature;
}

export interface About {
  readonly vehicleId: string;
  readonly campaignId: string;
  readonly attempt: number;
}

/**
 * What a vehicle stated of this very attempt; undefined where it is none.
 *
 * @param keys those of the vehicle's control units, as the Director knows them
 */
export function readStatement(
  value: unknown,
  { vehicleId, campaignId, attempt }: About,
  keys: readonly PublicKey[],
  cryptography: Cryptography,
): ReadStatement | undefined {
  const file = signedSchema.safeParse(value).data;
  const statement = statementSchema.safeParse(file?.signed).data;
  if (file === undefined || statement === undefined) return undefined;
  const isItsOwn =
    statement.vehicleId === vehicleId && statement.campaignId === campaignId && statement.attempt === attempt;
  if (!isItsOwn) return undefined;
  if (file.signatures.length === 0) return { statement, signature: 'unsigned' };
  const isSigned = keys.some((key) => isSignedBy(file, key, cryptography));
  return { statement, signature: isSigned ? 'verified' : 'unverified' };
}

function isSignedBy(
  file: z.infer<typeof signedSchema>,
  { keytype, scheme, keyval }: PublicKey,
  cryptography: Cryptography,
): boolean {
  const bytes = bytesOf(file.signed);
  const key = { keytype, scheme, public: keyval.public };
  return bytes !== undefined && file.signatures.some((signature) => isBy(key, signature, bytes, cryptography));
}

function bytesOf(signed: unknown): Uint8Array | undefined {
  try {
    return canonicalBytes(signed);
  } catch {
    return undefined;
  }
}
