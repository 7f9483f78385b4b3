import '#local/iot/authority/reflect.ts';
import { createPrivateKey, createPublicKey, webcrypto } from 'node:crypto';
import { ExtendedKeyUsage, ExtendedKeyUsageExtension, PublicKey } from '@peculiar/x509';
import { ensureRoot, issuerOf, pemOf } from '#local/iot/authority/certificate.ts';
import { filesOf, type StoredIdentity } from '#local/iot/authority/key-store.ts';
import { readSigningRequest } from '#local/iot/authority/signing-request.ts';

/** The certificate authority of a vehicle plant: what it has signed, the hub and its provisioning service trust. */
export interface Plant extends StoredIdentity {
  readonly certificateFile: string;
  readonly privateKeyFile: string;
}

const year = 365 * 24 * 60 * 60 * 1000;
const name = 'CN=Fleetloom local plant, O=Fleetloom';

/** Opens the authority kept in `directory`; makes it there the first time. */
export async function openPlant(directory: string): Promise<Plant> {
  const { certificate: certificateFile, key: privateKeyFile } = filesOf(directory, 'plant');
  const root = await ensureRoot(directory, { file: 'plant', name, notAfter: inYears(20) });
  return { ...root, certificateFile, privateKeyFile };
}

/**
 * What the line does for each vehicle: signs the key that the vehicle has made on board.
 *
 * @param deviceId becomes the common name
 * @param publicKeyPem or the private key, of which only the public half is looked at
 * @returns PEM
 */
export async function signForVehicle(plant: StoredIdentity, deviceId: string, publicKeyPem: string): Promise<string> {
  const key = publicKeyPem.includes('PRIVATE KEY')
    ? createPublicKey(createPrivateKey(publicKeyPem))
    : createPublicKey(publicKeyPem);
  const issue = await issuerOf(plant);
  const certificate = await issue({
    subject: `CN=${deviceId}`,
    publicKey: new PublicKey(key.export({ format: 'der', type: 'spki' })),
    notAfter: inYears(10),
    extensions: [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])],
  });
  return pemOf(certificate);
}

const inYears = (years: number): Date => new Date(Date.now() + years * year);

/** As `signForVehicle`, for who shows a signing request (PKCS#10, PEM). Throws `AwsError` where it is not acceptable. */
export async function signRequest(plant: StoredIdentity, deviceId: string, requestPem: string): Promise<string> {
  const { publicKey } = await readSigningRequest(requestPem, webcrypto);
  return signForVehicle(plant, deviceId, publicKey.toString('pem'));
}
