import { z } from 'zod';

/** Source: "Understand the identity registry in your IoT hub", device identity properties. Case counts. */
const deviceIdSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9\-:.+%_#*?!(),=@;$']{1,128}$/,
    "deviceId: up to 128 of A-Z a-z 0-9 - : . + % _ # * ? ! ( ) , = @ ; $ '",
  );

/** 16 to 64 bytes in base64. An empty text asks the hub for a key. */
const symmetricKey = z
  .string()
  .refine((key) => key === '' || isKey(key), 'a symmetric key is 16 to 64 bytes in base64')
  .nullish();

const thumbprint = z
  .string()
  .regex(/^([0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$/, 'a thumbprint is SHA-1 or SHA-256 in hex')
  .nullish();

const authenticationSchema = z.object({
  type: z.enum(['sas', 'selfSigned', 'certificateAuthority', 'none']).nullish(),
  symmetricKey: z.object({ primaryKey: symmetricKey, secondaryKey: symmetricKey }).nullish(),
  x509Thumbprint: z.object({ primaryThumbprint: thumbprint, secondaryThumbprint: thumbprint }).nullish(),
});

/** A device as somebody wants it; members that only the hub writes are left aside. */
export const deviceWishSchema = z.object({
  deviceId: deviceIdSchema,
  status: z.enum(['enabled', 'disabled']).nullish(),
  statusReason: z.string().max(128).nullish(),
  authentication: authenticationSchema.nullish(),
});
export type DeviceWish = z.infer<typeof deviceWishSchema>;

export type Authentication =
  | { readonly type: 'sas'; readonly primaryKey: string; readonly secondaryKey: string }
  | {
      readonly type: 'selfSigned';
      readonly primaryThumbprint: string;
      readonly secondaryThumbprint: string | undefined;
    }
  /** A chain up to an authority that the hub trusts, and a common name that is the device's id. */
  | { readonly type: 'certificateAuthority' }
  | { readonly type: 'none' };

export interface DeviceIdentity {
  readonly deviceId: string;
  /** Tells a device from one that had its id before. */
  readonly generationId: string;
  /** Counts the changes. */
  readonly revision: number;
  readonly status: 'enabled' | 'disabled';
  readonly statusReason: string | undefined;
  /** ms since the Unix epoch; undefined: as it was created. */
  readonly statusUpdatedAt: number | undefined;
  readonly authentication: Authentication;
}

function isKey(text: string): boolean {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length >= 16 && bytes.length <= 64 && bytes.toString('base64') === text;
}
