import { constants, createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { Cryptography, PublicKey, SignatureScheme, Signer } from '#shared/ota/uptane/key.ts';
import { keyIdOf } from '#shared/ota/uptane/signing.ts';

/** Uptane's signatures with Node's own cryptography. */
export const cryptography: Cryptography = {
  digest: (algorithm, bytes) => createHash(algorithm).update(bytes).digest('hex'),
  verify(key, bytes, signature) {
    try {
      const options = { key: keyObject(key), ...pss(constants.RSA_PSS_SALTLEN_AUTO, key.scheme) };
      return verify(digestOf(key.scheme), bytes, options, signature);
    } catch {
      return false;
    }
  },
};

/** As metadata lists the key. @param scheme of an RSA key */
function publicKeyOf(key: KeyObject, scheme: SignatureScheme = 'rsassa-pss-sha256'): PublicKey {
  const open = key.type === 'private' ? createPublicKey(key) : key;
  if (open.asymmetricKeyType === 'ed25519') {
    return { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: rawOf(open).toString('hex') } };
  }
  if (open.asymmetricKeyType !== 'rsa' && open.asymmetricKeyType !== 'rsa-pss') {
    throw new RangeError(`Uptane keys are ed25519 or RSA, not ${open.asymmetricKeyType}`);
  }
  return { keytype: 'rsa', scheme, keyval: { public: open.export({ type: 'spki', format: 'pem' }).toString().trim() } };
}

/** Signs with a key in memory: one read from a file, or an ECU's own. @param key PEM, or as Node has it */
export function signerOf(
  key: string | KeyObject,
  scheme?: SignatureScheme,
): Signer & { readonly publicKey: PublicKey } {
  const secret = typeof key === 'string' ? createPrivateKey(key) : key;
  const publicKey = publicKeyOf(secret, scheme);
  return {
    keyid: keyIdOf(publicKey, cryptography),
    scheme: publicKey.scheme,
    publicKey,
    async sign(bytes) {
      const options = { key: secret, ...pss(constants.RSA_PSS_SALTLEN_DIGEST, publicKey.scheme) };
      return sign(digestOf(publicKey.scheme), bytes, options);
    },
  };
}

const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/** RFC 8410: twelve fixed bytes, then the key's 32. */
function rawOf(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' }).subarray(spkiPrefix.length);
}

function keyObject({ keytype, keyval }: PublicKey): KeyObject {
  const text = keyval.public.trim();
  const key = text.startsWith('-----BEGIN') ? createPublicKey(text) : createPublicKey(derOf(text));
  const types = keytype === 'ed25519' ? ['ed25519'] : ['rsa', 'rsa-pss'];
  if (!types.includes(key.asymmetricKeyType ?? '')) throw new RangeError(`the key is not ${keytype}`);
  return key;
}

function derOf(text: string): { readonly key: Buffer; readonly format: 'der'; readonly type: 'spki' } {
  const bytes = Buffer.from(text, /^([0-9a-f]{2})+$/i.test(text) ? 'hex' : 'base64');
  return { key: bytes.length === 32 ? Buffer.concat([spkiPrefix, bytes]) : bytes, format: 'der', type: 'spki' };
}

function digestOf(scheme: SignatureScheme): string | null {
  if (scheme === 'ed25519') return null;
  return scheme === 'rsassa-pss-sha256' ? 'sha256' : 'sha512';
}

function pss(saltLength: number, scheme: SignatureScheme) {
  return scheme === 'ed25519' ? {} : { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
}
