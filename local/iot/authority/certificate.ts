import './reflect.ts';
import { randomBytes, webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  type Name,
  type PublicKey,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import {
  newKeys,
  ownKey,
  privateKeyPemOf,
  readIdentity,
  type StoredIdentity,
  signingKeyOf,
  writeIdentity,
} from './key-store.ts';

/** Of a certificate that signs no others. */
export interface Issue {
  readonly subject: Name | string;
  readonly publicKey: PublicKey;
  readonly notAfter: Date;
  /** Beside constraints, key usage and key identifiers. */
  readonly extensions: readonly Extension[];
}

export interface RootWanted {
  /** Of its two files in the directory. */
  readonly file: string;
  /** X.500: `CN=…, O=…`. */
  readonly name: string;
  readonly notAfter: Date;
}

const day = 24 * 60 * 60 * 1000;

/** The certificate that signs itself, kept in `directory`; made there the first time. */
export async function ensureRoot(directory: string, { file, name, notAfter }: RootWanted): Promise<StoredIdentity> {
  const kept = readIdentity(directory, file);
  if (kept !== undefined) return kept;
  const keys = await newKeys(webcrypto);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      ...{ serialNumber: newSerialNumber(), name, notBefore: yesterday(), notAfter },
      keys,
      signingAlgorithm: ownKey,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  const made = { certificatePem: pemOf(certificate), privateKeyPem: await privateKeyPemOf(keys.privateKey, webcrypto) };
  writeIdentity(directory, file, made);
  return made;
}

/** Signs as `root`. */
export async function issuerOf(root: StoredIdentity): Promise<(wanted: Issue) => Promise<X509Certificate>> {
  const issuer = new X509Certificate(root.certificatePem);
  const signingKey = await signingKeyOf(root.privateKeyPem, webcrypto);
  return async ({ subject, publicKey, notAfter, extensions }) =>
    X509CertificateGenerator.create(
      {
        ...{ serialNumber: newSerialNumber(), subject, issuer: issuer.subjectName, notBefore: yesterday(), notAfter },
        ...{ publicKey, signingKey, signingAlgorithm: ownKey },
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          await AuthorityKeyIdentifierExtension.create(issuer.publicKey, false, webcrypto),
          await SubjectKeyIdentifierExtension.create(publicKey, false, webcrypto),
          ...extensions,
        ],
      },
      webcrypto,
    );
}

export const pemOf = (certificate: X509Certificate): string => `${certificate.toString('pem')}\n`;

/** For devices with a slow clock. */
const yesterday = (): Date => new Date(Date.now() - day);

// RFC 5280, 4.1.2.2: a positive integer of at most 20 octets.
const newSerialNumber = (): string => `01${randomBytes(15).toString('hex')}`;
