import { createHash, createPublicKey } from 'node:crypto';
import { GetPublicKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { PublicKey, Signer } from '#shared/ota/uptane/key.ts';
import { keyIdOf } from '#shared/ota/uptane/signing.ts';
import { signedByKms } from './digest-signature.ts';

export interface OnlineKey {
  /** As it stands in a Root. */
  readonly publicKey: PublicKey;
  readonly signer: Signer;
}

const digests = {
  digest: (algorithm: 'sha256' | 'sha512', bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('hex'),
};

/** A key of an online role. KMS is asked for its public half once; its private half never leaves. */
export async function onlineKey(client: KMSClient, keyId: string): Promise<OnlineKey> {
  const { PublicKey: spki } = await client.send(new GetPublicKeyCommand({ KeyId: keyId }));
  if (spki === undefined) throw new Error('KMS answered without a public key.');
  const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  const publicKey: PublicKey = {
    ...{ keytype: 'rsa', scheme: 'rsassa-pss-sha256' },
    keyval: { public: key.export({ type: 'spki', format: 'pem' }).toString().trim() },
  };
  return {
    publicKey,
    signer: {
      ...{ keyid: keyIdOf(publicKey, digests), scheme: publicKey.scheme },
      sign: (bytes) => signedByKms(client, keyId, 'RSASSA_PSS_SHA_256', bytes),
    },
  };
}
