import type { KMSClient } from '@aws-sdk/client-kms';
import { type OnlineKey, onlineKey } from '../adapters/kms/online-signers.ts';

/** A key of KMS never changes: it is asked for once a cold start. What failed is asked for again. */
export function lastingKey(client: KMSClient, keyId: string): () => Promise<OnlineKey> {
  let known: Promise<OnlineKey> | undefined;
  return () => {
    known ??= onlineKey(client, keyId).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}
