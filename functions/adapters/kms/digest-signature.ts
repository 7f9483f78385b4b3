import { createHash } from 'node:crypto';
import { type KMSClient, SignCommand, type SigningAlgorithmSpec } from '@aws-sdk/client-kms';

/** Signs bytes of any length: KMS takes 4,096 of a message, and a digest of any. */
export async function signedByKms(
  client: KMSClient,
  KeyId: string,
  SigningAlgorithm: Extract<SigningAlgorithmSpec, `${string}_SHA_256`>,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const Message = createHash('sha256').update(bytes).digest();
  const { Signature } = await client.send(new SignCommand({ KeyId, SigningAlgorithm, Message, MessageType: 'DIGEST' }));
  if (Signature === undefined) throw new Error('KMS answered without a signature.');
  return Signature;
}
