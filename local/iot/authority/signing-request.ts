import './reflect.ts';
import { createPublicKey, type webcrypto } from 'node:crypto';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import { AwsError } from '#local/aws-error.ts';

const curves = new Set(['prime256v1', 'secp384r1']);
const hashes = new Set(['SHA-256', 'SHA-384', 'SHA-512']);

const rejected = (reason: string) =>
  new AwsError('InvalidRequestException', 400, `The certificate signing request is not acceptable: ${reason}`);

/**
 * Reads a PEM signing request and proves that its sender holds the key. Throws `AwsError`
 * InvalidRequestException: not PEM, not a request, a weak or unknown key, a wrong signature.
 */
export async function readSigningRequest(pem: string, crypto: webcrypto.Crypto): Promise<Pkcs10CertificateRequest> {
  const request = parse(pem);
  const weakness = weaknessOfKey(Buffer.from(request.publicKey.rawData));
  if (weakness !== undefined) throw rejected(weakness);
  if (!hashes.has(request.signatureAlgorithm.hash?.name ?? ''))
    throw rejected('it must be signed with SHA-256 or more');
  if (!(await isSelfSigned(request, crypto))) throw rejected('its signature does not belong to its key');
  return request;
}

function parse(pem: string): Pkcs10CertificateRequest {
  const blocks = pem.match(/-----BEGIN [A-Z0-9 ]+-----/g) ?? [];
  const [block] = blocks;
  if (blocks.length !== 1 || block === undefined) throw rejected('it must be one PEM block');
  if (!/^-----BEGIN (NEW )?CERTIFICATE REQUEST-----$/.test(block))
    throw rejected(`it is a PEM of another kind (${block})`);
  try {
    return new Pkcs10CertificateRequest(pem.replaceAll('NEW CERTIFICATE REQUEST', 'CERTIFICATE REQUEST'));
  } catch (cause) {
    throw Object.assign(rejected('it cannot be parsed'), { cause });
  }
}

function weaknessOfKey(spki: Buffer): string | undefined {
  try {
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
    if (key.asymmetricKeyType === 'rsa') {
      return modulusLength < 2048 ? `an RSA key needs 2048 bits or more, not ${modulusLength}` : undefined;
    }
    if (key.asymmetricKeyType === 'ec' && curves.has(namedCurve)) return undefined;
    return `the key must be RSA, EC P-256 or EC P-384, not ${namedCurve || key.asymmetricKeyType}`;
  } catch {
    return 'its public key is malformed';
  }
}

async function isSelfSigned(request: Pkcs10CertificateRequest, crypto: webcrypto.Crypto): Promise<boolean> {
  try {
    return await request.verify(crypto);
  } catch {
    return false; // a signature of another shape than the key's algorithm makes
  }
}
