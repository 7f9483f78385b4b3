import './reflect.ts';
import { generateKeyPair, webcrypto } from 'node:crypto';
import { promisify } from 'node:util';
import {
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Name,
  PublicKey,
  SubjectAlternativeNameExtension,
  X509Certificate,
} from '@peculiar/x509';
import { ensureRoot, type Issue, issuerOf, pemOf } from './certificate.ts';
import { certificateIdOf } from './fingerprint.ts';
import { filesOf, newKeys, privateKeyPemOf, readIdentity, type StoredIdentity, writeIdentity } from './key-store.ts';
import { readSigningRequest } from './signing-request.ts';

export interface IssuedCertificate {
  readonly certificatePem: string;
  /** SHA-256 over the certificate's DER, in hex. */
  readonly certificateId: string;
}

export interface IssuedKeys extends IssuedCertificate {
  readonly publicKeyPem: string;
  readonly privateKeyPem: string;
}

/** The certificate authority of one local cloud: the only one its listeners trust. */
export interface Authority {
  /** For devices: the file that holds the certificate of the authority. */
  readonly caFile: string;
  readonly caPem: string;
  /** The identity of the listeners, for localhost, 127.0.0.1, ::1, and the hubs of the second device cloud. */
  readonly server: StoredIdentity;
  /** Throws `AwsError` InvalidRequestException for a request that is malformed, weak or not signed by its key. */
  signCsr(pem: string): Promise<IssuedCertificate>;
  /** An RSA 2048 key made by the cloud, as `CreateKeysAndCertificate` does. */
  createKeysAndCertificate(): Promise<IssuedKeys>;
}

const day = 24 * 60 * 60 * 1000;
const serverLife = 365 * day;
const renewServerBefore = 30 * day;
// AWS IoT issues device certificates up to the end of 2049.
const endOfDeviceCertificates = new Date('2049-12-31T23:59:59Z');
const caName = 'CN=Fleetloom local device authority, O=Fleetloom';
const serverHosts = [
  { type: 'dns', value: 'localhost' },
  { type: 'ip', value: '127.0.0.1' },
  { type: 'ip', value: '::1' },
  // The second device cloud's clients go on naming their hub and its provisioning service when they come to this machine.
  { type: 'dns', value: '*.azure-devices.net' },
  { type: 'dns', value: '*.azure-devices-provisioning.net' },
] as const;

export interface DeviceCertificates {
  /** ms for which a device certificate is good, from the present time of the cloud; on AWS always until 2049. */
  readonly life: number;
  /** ms since the Unix epoch. */
  readonly now: () => number;
}

/**
 * Opens the authority kept in `directory`; makes it there the first time. TLS counts real time, so does this, but for
 * the end of device certificates that are to live shorter than AWS IoT's own: the broker watches it by the cloud's clock.
 */
export async function openAuthority(directory: string, devices?: DeviceCertificates): Promise<Authority> {
  const ca = await ensureRoot(directory, { file: 'ca', name: caName, notAfter: endOfDeviceCertificates });
  const caCertificate = new X509Certificate(ca.certificatePem);
  const issue = await issuerOf(ca);

  const issueToDevice = async (subject: Name | string, publicKey: PublicKey): Promise<IssuedCertificate> => {
    const usage = new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]);
    const notAfter = devices === undefined ? endOfDeviceCertificates : new Date(devices.now() + devices.life);
    return issuedOf(await issue({ subject, publicKey, notAfter, extensions: [usage] }));
  };

  return {
    caFile: filesOf(directory, 'ca').certificate,
    caPem: ca.certificatePem,
    server: await ensureServer(directory, caCertificate, issue),
    async signCsr(pem) {
      const request = await readSigningRequest(pem, webcrypto);
      return issueToDevice(request.subjectName, request.publicKey);
    },
    async createKeysAndCertificate() {
      const keys = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
      const spki = new PublicKey(keys.publicKey.export({ format: 'der', type: 'spki' }));
      return {
        ...(await issueToDevice('CN=AWS IoT Certificate', spki)),
        publicKeyPem: keys.publicKey.export({ format: 'pem', type: 'spki' }).toString(),
        privateKeyPem: keys.privateKey.export({ format: 'pem', type: 'pkcs1' }).toString(),
      };
    },
  };
}

async function ensureServer(
  directory: string,
  ca: X509Certificate,
  issue: (wanted: Issue) => Promise<X509Certificate>,
): Promise<StoredIdentity> {
  const kept = readIdentity(directory, 'server');
  if (kept !== undefined && (await isUsable(kept, ca))) return kept;
  const keys = await newKeys(webcrypto);
  const certificate = await issue({
    subject: 'CN=localhost',
    publicKey: await PublicKey.create(keys.publicKey, webcrypto),
    notAfter: new Date(Date.now() + serverLife),
    extensions: [
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([...serverHosts]),
    ],
  });
  const made = { certificatePem: pemOf(certificate), privateKeyPem: await privateKeyPemOf(keys.privateKey, webcrypto) };
  writeIdentity(directory, 'server', made);
  return made;
}

async function isUsable(identity: StoredIdentity, ca: X509Certificate): Promise<boolean> {
  const certificate = new X509Certificate(identity.certificatePem);
  if (certificate.notAfter.getTime() < Date.now() + renewServerBefore) return false;
  const named = certificate.getExtension(SubjectAlternativeNameExtension)?.names.toJSON() ?? [];
  if (!serverHosts.every(({ value }) => named.some((each) => each.value === value))) return false;
  return certificate.verify({ publicKey: ca.publicKey, signatureOnly: true }, webcrypto);
}

function issuedOf(certificate: X509Certificate): IssuedCertificate {
  return {
    certificatePem: pemOf(certificate),
    certificateId: certificateIdOf(new Uint8Array(certificate.rawData)),
  };
}
