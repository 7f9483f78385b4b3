import '#local/iot/authority/reflect.ts';
import { generateKeyPairSync, webcrypto, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { afterAll, describe, expect, test } from 'vitest';
import { openAuthority } from '#local/iot/authority/authority.ts';
import { devicePublicKeySha256 } from '#local/iot/authority/fingerprint.ts';

const directories = mkdtempSync(join(tmpdir(), 'authority-'));
afterAll(() => rmSync(directories, { recursive: true }));

let made = 0;
const newDirectory = () => join(directories, `ca-${made++}`);

type Key = { readonly generate: webcrypto.RsaHashedKeyGenParams | webcrypto.EcKeyGenParams; readonly hash: string };

const ec = (namedCurve: string, hash = 'SHA-256'): Key => ({ generate: { name: 'ECDSA', namedCurve }, hash });
const rsa = (modulusLength: number, hash = 'SHA-256'): Key => ({
  generate: { name: 'RSASSA-PKCS1-v1_5', modulusLength, publicExponent: new Uint8Array([1, 0, 1]), hash },
  hash,
});

async function newRequest({ generate, hash }: Key, name = 'CN=WVWZZZE1ZMP000001'): Promise<string> {
  const keys = await webcrypto.subtle.generateKey(generate, true, ['sign', 'verify']);
  if (!('privateKey' in keys)) throw new Error('not a pair');
  const request = await Pkcs10CertificateRequestGenerator.create(
    { name, keys, signingAlgorithm: { ...generate, hash } },
    webcrypto,
  );
  return request.toString('pem');
}

describe('the authority', () => {
  test('is made once and stays the same, with keys that only the owner reads', async () => {
    const directory = newDirectory();

    const first = await openAuthority(directory);
    const second = await openAuthority(directory);

    expect(second.caPem).toBe(first.caPem);
    expect(second.server).toEqual(first.server);
    expect(readFileSync(first.caFile, 'utf8')).toBe(first.caPem);
    expect(statSync(join(directory, 'ca.key.pem')).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, 'server.key.pem')).mode & 0o777).toBe(0o600);
  });

  test('gives its server a certificate for every loopback name', async () => {
    const { caPem, server } = await openAuthority(newDirectory());
    const certificate = new X509Certificate(server.certificatePem);

    expect(certificate.verify(new X509Certificate(caPem).publicKey)).toBe(true);
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.checkIP('::1')).toBe('::1');
  });

  test('replaces a server certificate that another authority made', async () => {
    const directory = newDirectory();
    await openAuthority(directory);
    const stranger = await openAuthority(newDirectory());
    writeFileSync(join(directory, 'server.pem'), stranger.server.certificatePem);
    writeFileSync(join(directory, 'server.key.pem'), stranger.server.privateKeyPem);

    const { caPem, server } = await openAuthority(directory);

    const signed = new X509Certificate(server.certificatePem).verify(new X509Certificate(caPem).publicKey);
    expect(signed).toBe(true);
  });

  test.each([
    ['EC P-256', ec('P-256')],
    ['EC P-384', ec('P-384', 'SHA-384')],
    ['RSA 2048', rsa(2048)],
  ])('signs a request for a key of %s', async (_, key) => {
    const authority = await openAuthority(newDirectory());

    const issued = await authority.signCsr(await newRequest(key));

    const certificate = new X509Certificate(issued.certificatePem);
    expect(certificate.verify(new X509Certificate(authority.caPem).publicKey)).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.subject).toBe('CN=WVWZZZE1ZMP000001');
    expect(issued.certificateId).toBe(certificate.fingerprint256.replaceAll(':', '').toLowerCase());
  });

  test('gives each certificate of a key another id, and each the same key fingerprint', async () => {
    const authority = await openAuthority(newDirectory());
    const request = await newRequest(ec('P-256'));

    const [first, second] = [await authority.signCsr(request), await authority.signCsr(request)];

    expect(first.certificateId).not.toBe(second.certificateId);
    expect(devicePublicKeySha256(first.certificatePem)).toBe(devicePublicKeySha256(second.certificatePem));
    expect(devicePublicKeySha256(first.certificatePem)).toMatch(/^[0-9a-f]{64}$/);
  });

  test('makes keys and certificate that belong together', async () => {
    const authority = await openAuthority(newDirectory());

    const made = await authority.createKeysAndCertificate();

    const certificate = new X509Certificate(made.certificatePem);
    expect(made.privateKeyPem).toContain('BEGIN RSA PRIVATE KEY');
    expect(certificate.publicKey.export({ format: 'pem', type: 'spki' })).toBe(made.publicKeyPem);
  });
});

describe('a request that the authority refuses', () => {
  const spki = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'pem', type: 'spki' });

  async function tampered(): Promise<string> {
    const [first, second] = [await newRequest(ec('P-256'), 'CN=a'), await newRequest(ec('P-256'), 'CN=b')];
    const der = (pem: string) => Buffer.from(pem.replaceAll(/-----.*-----/g, ''), 'base64');
    const mixed = Buffer.from(der(first));
    // the last octets belong to the signature: another request's do not fit
    der(second).copy(mixed, mixed.length - 16, der(second).length - 16);
    return `-----BEGIN CERTIFICATE REQUEST-----\n${mixed.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
  }

  test.each<[string, () => string | Promise<string>, RegExp]>([
    ['no PEM at all', () => 'hello', /one PEM block/],
    ['a public key instead of a request', () => spki.toString(), /another kind/],
    [
      'nonsense within the PEM',
      () => '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----',
      /parsed/,
    ],
    ['a weak RSA key', () => newRequest(rsa(1024)), /2048 bits/],
    ['an unknown curve', () => newRequest(ec('P-521', 'SHA-512')), /P-256 or EC P-384/],
    ['a SHA-1 signature', () => newRequest(rsa(2048, 'SHA-1')), /SHA-256/],
    ['a signature of another key', tampered, /signature/],
  ])('%s', async (_, request, reason) => {
    const authority = await openAuthority(newDirectory());

    await expect(authority.signCsr(await request())).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: expect.stringMatching(reason),
    });
  });
});
