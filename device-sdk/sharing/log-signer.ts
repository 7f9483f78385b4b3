import * as z from 'zod/mini';
import type { Storage } from '../storage.ts';
import { newP256Key, type P256Signer, p256Signer } from './p256.ts';

const document = 'sharing-log-key';
const keySchema = z.object({ privateKeyPem: z.string() });

/** The vehicle's own key for its log, made when it is first needed; what signs is on disk. */
export function logSigner(storage: Storage): () => P256Signer {
  let known: P256Signer | undefined;
  return () => {
    known ??= kept(storage);
    return known;
  };
}

function kept(storage: Storage): P256Signer {
  const before = keySchema.safeParse(storage.read(document)).data;
  if (before !== undefined) return p256Signer(before.privateKeyPem);
  const made = newP256Key();
  storage.write(document, made);
  return p256Signer(made.privateKeyPem);
}
