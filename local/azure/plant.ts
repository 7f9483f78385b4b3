import '#local/iot/authority/reflect.ts';
import { createPrivateKey, createPublicKey, randomBytes, webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PublicKey,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import {
  filesOf,
  newKeys,
  ownKey,
  privateKeyPemOf,
  readIdentity,
  type StoredIdentity,
  signingKeyOf,
  writeIdentity,
} from '#local/iot/authority/key-store.ts';
import { readSigningRequest } from '#local/iot/authority/signing-request.ts';

/** The certificate authority of a vehicle plant: what it has signed, the hub and its provisioning service trust. */
export interface Plant extends StoredIdentity {
  readonly certificateFile: string;
  readonly privateKeyFile: string;
}

const day = 24 * 60 * 60 * 1000;
const life = 20 * 365 * day;

/** Opens the authority kept in `directory`; makes it there the first time. */
export async function openPlant(directory: string): Promise<Plant> {
  const { certificate: certificateFile, key: privateKeyFile } = filesOf(directory, 'plant');
  const kept = readIdentity(directory, 'plant');
  if (kept !== undefined) return { ...kept, certificateFile, privateKeyFile };
  const keys = await newKeys(webcrypto);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: newSerialNumber(),
      name: 'CN=Fleetloom local plant, O=Fleetloom',
      notBefore: new Date(Date.now() - day),
      notAfter: new Date(Date.now() + life),
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
  const made = {
    certificatePem: `${certificate.toString('pem')}\n`,
    privateKeyPem: await privateKeyPemOf(keys.privateKey, webcrypto),
  };
  writeIdentity(directory, 'plant', made);
  return { ...made, certificateFile, privateKeyFile };
}

/**
 * What the line does for each vehicle: signs the key that the vehicle has made on board.
 *
 * @param deviceId becomes the common name
 * @param publicKeyPem or the private key, of which only the public half is looked at
 * @returns PEM
 */
export async function signForVehicle(plant: StoredIdentity, deviceId: string, publicKeyPem: string): Promise<string> {
  const issuer = new X509Certificate(plant.certificatePem);
  const key = publicKeyPem.includes('PRIVATE KEY')
    ? createPublicKey(createPrivateKey(publicKeyPem))
    : createPublicKey(publicKeyPem);
  const publicKey = new PublicKey(key.export({ format: 'der', type: 'spki' }));
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: newSerialNumber(),
      subject: `CN=${deviceId}`,
      issuer: issuer.subjectName,
      notBefore: new Date(Date.now() - day),
      notAfter: new Date(Date.now() + life / 2),
      publicKey,
      signingKey: await signingKeyOf(plant.privateKeyPem, webcrypto),
      signingAlgorithm: ownKey,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
        await AuthorityKeyIdentifierExtension.create(issuer.publicKey, false, webcrypto),
        await SubjectKeyIdentifierExtension.create(publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return `${certificate.toString('pem')}\n`;
}

// RFC 5280, 4.1.2.2: a positive integer of at most 20 octets.
const newSerialNumber = (): string => `01${randomBytes(15).toString('hex')}`;

/** As `signForVehicle`, for who shows a signing request (PKCS#10, PEM). Throws `AwsError` where it is not acceptable. */
export async function signRequest(plant: StoredIdentity, deviceId: string, requestPem: string): Promise<string> {
  const { publicKey } = await readSigningRequest(requestPem, webcrypto);
  return signForVehicle(plant, deviceId, publicKey.toString('pem'));
}
