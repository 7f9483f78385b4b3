import { createPrivateKey } from 'node:crypto';
import type { PostSigner } from '#functions/post-signature.ts';

/** Settings of the app, which Azure Functions hands over as environment. */
export interface AppSettings {
  readonly platformUrl: string;
  readonly home: string;
  /** The host name of the hub whose vehicles are at home here. */
  readonly hub: string;
  readonly signer: PostSigner;
}

/** @throws Error naming the setting that is missing, never its content */
export function settingsOf(environment: Readonly<Record<string, string | undefined>>): AppSettings {
  const setting = (name: string): string => {
    const value = environment[name];
    if (value === undefined || value === '') throw new Error(`The app setting ${name} is not set`);
    return value;
  };
  return {
    platformUrl: setting('PLATFORM_URL'),
    home: setting('HOME_NAME'),
    hub: setting('HUB_HOST_NAME'),
    signer: { keyId: setting('EVENT_KEY_ID'), privateKey: privateKey(setting('EVENT_KEY')) },
  };
}

/** A reference to a secret of the Key Vault, which the host has put the secret in the place of: PKCS #8, DER, base64. */
function privateKey(text: string): PostSigner['privateKey'] {
  if (text.startsWith('@Microsoft.KeyVault')) throw new Error('The app may not read the secret behind EVENT_KEY');
  try {
    const key = createPrivateKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs8' });
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Said below: what is wrong with it must not stand in a log.
  }
  throw new Error('The app setting EVENT_KEY is no Ed25519 key (PKCS #8, DER, base64)');
}
