import { KMSClient } from '@aws-sdk/client-kms';

/** A signature is quick or does not come: whoever waits for it has other things to do. */
export function kmsClient(): KMSClient {
  return new KMSClient({ maxAttempts: 4, requestHandler: { connectionTimeout: 1000, requestTimeout: 3000 } });
}
