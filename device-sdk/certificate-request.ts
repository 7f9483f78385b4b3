import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';

/** A new EC P-256 key, PKCS#8 PEM. It is made on board and never leaves the vehicle. */
export function newDeviceKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/**
 * A PKCS#10 certificate signing request (RFC 2986) for the key, PEM. Only the key matters to the cloud;
 * the subject names no vehicle, because a VIN is personal data and certificates travel in the clear.
 */
export function certificateRequest(privateKeyPem: string, commonName = 'fleetloom-vehicle'): string {
  const key = createPrivateKey(privateKeyPem);
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const name = sequence(set(sequence(objectIdentifier.commonName, element(0x0c, Buffer.from(commonName, 'utf8')))));
  const version = element(0x02, Buffer.of(0));
  const noAttributes = element(0xa0, Buffer.alloc(0));
  const information = sequence(version, name, publicKey, noAttributes);
  const signature = element(0x03, Buffer.concat([Buffer.of(0), sign('sha256', information, key)]));
  const request = sequence(information, sequence(objectIdentifier.ecdsaWithSha256), signature);
  const lines = request.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join('\n')}\n-----END CERTIFICATE REQUEST-----\n`;
}

const objectIdentifier = {
  commonName: Buffer.of(0x06, 0x03, 0x55, 0x04, 0x03), // 2.5.4.3
  ecdsaWithSha256: Buffer.of(0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02), // 1.2.840.10045.4.3.2
} as const;

function sequence(...parts: Buffer[]): Buffer {
  return element(0x30, Buffer.concat(parts));
}

function set(...parts: Buffer[]): Buffer {
  return element(0x31, Buffer.concat(parts));
}

/** Tag, length, value of DER (X.690 8.1.3, 10.1): the shortest form of the length there is. */
function element(tag: number, value: Buffer): Buffer {
  const { length } = value;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...head), value]);
}
