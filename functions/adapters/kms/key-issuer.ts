import { createHash } from 'node:crypto';
import { GetPublicKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { KeyIssuer } from '#shared/sharing/keys/key-signer.ts';
import { signedByKms } from './digest-signature.ts';
import { rawSignature } from './raw-signature.ts';

/** Who issues digital keys. KMS is asked for the public half once; a failed question is asked again by the next one. */
export function keyIssuer(client: KMSClient, keyId: string): () => Promise<KeyIssuer> {
  let asked: Promise<KeyIssuer> | undefined;
  return () => {
    asked ??= issuer(client, keyId).catch((error: unknown) => {
      asked = undefined;
      throw error;
    });
    return asked;
  };
}

async function issuer(client: KMSClient, keyId: string): Promise<KeyIssuer> {
  const { PublicKey: spki } = await client.send(new GetPublicKeyCommand({ KeyId: keyId }));
  if (spki === undefined) throw new Error('KMS answered without a public key.');
  // Short, since it stands in every token: the first 8 bytes of its hash.
  const kid = createHash('sha256').update(spki).digest().subarray(0, 8).toString('base64url');
  return {
    key: { kid, spki: Buffer.from(spki).toString('base64url') },
    signer: {
      kid,
      sign: async (bytes) => rawSignature(await signedByKms(client, keyId, 'ECDSA_SHA_256', bytes)),
    },
  };
}
