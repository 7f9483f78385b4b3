import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { localHome } from './local-home.ts';

/** By which the app beside the hub signs what it posts. */
export interface DeviceEventKey {
  readonly keyId: string;
  /** PKCS #8, DER, base64: as it would lie in the Key Vault. */
  readonly secret: string;
  /** As the stack's parameter wants it. */
  readonly public: string;
}

/** The key of this state directory; made when there is none. */
export function deviceEventKey(directory: string): DeviceEventKey {
  const file = join(directory, 'device-event-key.pem');
  const keyId = `${localHome.name}.local`;
  const key = existsSync(file) ? createPrivateKey(readFileSync(file)) : madeAt(directory, file);
  const secret = key.export({ type: 'pkcs8', format: 'der' }).toString('base64');
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  return { keyId, secret, public: `${keyId}:${x}` };
}

function madeAt(directory: string, file: string): KeyObject {
  const { privateKey } = generateKeyPairSync('ed25519');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return privateKey;
}
