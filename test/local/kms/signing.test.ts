import { constants, createHash, createPublicKey, verify } from 'node:crypto';
import {
  DescribeKeyCommand,
  GetPublicKeyCommand,
  KMSClient,
  SignCommand,
  type SigningAlgorithmSpec,
  VerifyCommand,
} from '@aws-sdk/client-kms';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyIssuer } from '#functions/adapters/kms/key-issuer.ts';
import { rawSignature } from '#functions/adapters/kms/raw-signature.ts';
import { KmsWebhookSecrets } from '#functions/adapters/kms/webhook-secrets.ts';
import { systemClock } from '#local/clock.ts';
import { PlannedFaults } from '#local/faults/planned-faults.ts';
import { Gateway } from '#local/gateway/gateway.ts';
import { Iam } from '#local/iam/iam.ts';
import { keyResources } from '#local/kms/key-resources.ts';
import { MacKeys } from '#local/kms/mac-keys.ts';
import { kmsService } from '#local/kms/service.ts';
import { SigningKeys } from '#local/kms/signing-keys.ts';
import { State } from '#local/state/collection.ts';
import { webhookIdOf } from '#shared/webhooks/webhook-id.ts';
import { place, scope } from '../dynamo/local-tables.ts';
import { newDirectory } from '../s3/new-directory.ts';

const directory = newDirectory();
const state = new State(directory);
const iam = new Iam({ accountId: place.accountId, state, clock: systemClock });
const gateway = new Gateway({ port: 0, access: iam, faults: new PlannedFaults(systemClock), log: () => {} });
const keys = new SigningKeys({ ...place, state });
const macs = new MacKeys({ ...place, state });
gateway.add(kmsService(keys, macs));
let administrator: KMSClient;

beforeAll(async () => {
  await gateway.listen();
  administrator = clientWith(iam.administratorKey);
});
afterAll(async () => {
  administrator.destroy();
  await gateway.close();
  state.close();
});

function clientWith(credentials: { accessKeyId: string; secretAccessKey: string }): KMSClient {
  return new KMSClient({ region: place.region, endpoint: gateway.endpoint, maxAttempts: 1, credentials });
}

const KeyPolicy = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::000000000000:root' }, Action: 'kms:*', Resource: '*' },
  ],
};
const properties = { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY', KeyPolicy };

async function made(name: string, more: object = {}, from = keys) {
  const type = keyResources(from, macs).find((candidate) => candidate.type === 'AWS::KMS::Key');
  const resource = await type?.create({ ...properties, ...more }, scope(name));
  return resource?.ref ?? '';
}

async function publicKey(KeyId: string) {
  const { PublicKey } = await administrator.send(new GetPublicKeyCommand({ KeyId }));
  return createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' });
}

const algorithms: [SigningAlgorithmSpec, 'sha256' | 'sha384' | 'sha512', boolean][] = [
  ['RSASSA_PSS_SHA_256', 'sha256', true],
  ['RSASSA_PSS_SHA_384', 'sha384', true],
  ['RSASSA_PSS_SHA_512', 'sha512', true],
  ['RSASSA_PKCS1_V1_5_SHA_256', 'sha256', false],
  ['RSASSA_PKCS1_V1_5_SHA_512', 'sha512', false],
];

test.each(algorithms)('%s over a digest verifies against the whole message', async (SigningAlgorithm, hash, pss) => {
  const KeyId = await made('first');
  const message = Buffer.alloc(20_000, 7);
  const Message = createHash(hash).update(message).digest();
  const { Signature } = await administrator.send(
    new SignCommand({ KeyId, Message, MessageType: 'DIGEST', SigningAlgorithm }),
  );
  const padding = pss ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  const saltLength = pss ? { saltLength: Message.length } : {};
  const key = { key: await publicKey(KeyId), padding, ...saltLength };
  expect(verify(hash, message, key, Buffer.from(Signature ?? []))).toBe(true);
  expect(verify(hash, Buffer.alloc(20_000, 8), key, Buffer.from(Signature ?? []))).toBe(false);
});

test('a digital key is signed by ES256: DER from KMS, r and s of 32 bytes each for whoever reads it', async () => {
  const KeyId = await made('curve', { KeySpec: 'ECC_NIST_P256' });
  const { key, signer } = await keyIssuer(administrator, KeyId)();
  expect(signer.kid).toBe(key.kid);
  const publicHalf = createPublicKey({ key: Buffer.from(key.spki, 'base64url'), format: 'der', type: 'spki' });
  const raw = { key: publicHalf, dsaEncoding: 'ieee-p1363' as const };
  for (const message of Array.from({ length: 40 }, (_, at) => Buffer.alloc(at * 300, at))) {
    const signature = await signer.sign(message);
    expect(signature).toHaveLength(64);
    expect(verify('sha256', message, raw, signature)).toBe(true);
    expect(verify('sha256', Buffer.concat([message, message, Buffer.of(1)]), raw, signature)).toBe(false);
  }
  const call = { KeyId, Message: Buffer.from('hello'), SigningAlgorithm: 'ECDSA_SHA_256' as const };
  const { Signature } = await administrator.send(new SignCommand(call));
  expect(verify('sha256', call.Message, { key: publicHalf, dsaEncoding: 'der' }, Buffer.from(Signature ?? []))).toBe(
    true,
  );
  const other = new SignCommand({ ...call, SigningAlgorithm: 'RSASSA_PSS_SHA_256' });
  await expect(administrator.send(other)).rejects.toMatchObject({ name: 'InvalidKeyUsageException' });
});

test('a webhook’s secret is always the same, another with each rotation, and made of a key that never leaves KMS', async () => {
  const KeyId = await made('macs', { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
  const webhookId = webhookIdOf('c'.repeat(20));
  const [one, other] = [new KmsWebhookSecrets(administrator, KeyId), new KmsWebhookSecrets(administrator, KeyId)];
  const first = await one.secret(webhookId, 1);
  expect(first).toHaveLength(32);
  expect(await other.secret(webhookId, 1)).toEqual(first);
  expect(await one.secret(webhookId, 2)).not.toEqual(first);
  expect(await one.secret(webhookIdOf('d'.repeat(20)), 1)).not.toEqual(first);
  const elsewhere = await made('other-macs', { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
  expect(await new KmsWebhookSecrets(administrator, elsewhere).secret(webhookId, 1)).not.toEqual(first);
  await expect(new KmsWebhookSecrets(administrator, 'nowhere').secret(webhookId, 1)).rejects.toMatchObject({
    name: 'NotFoundException',
  });
});

test('what is no signature of the curve is taken for none, whatever is in it', () => {
  expect(() => rawSignature(Buffer.from('3003020101', 'hex'))).toThrow('no ECDSA signature');
  expect([...rawSignature(Buffer.from('3006020101020102', 'hex'))].filter((byte) => byte > 0)).toEqual([1, 2]);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      try {
        expect(rawSignature(bytes)).toHaveLength(64);
      } catch (error) {
        expect(String(error)).toContain('KMS answered');
      }
    }),
  );
});

test('a message is verified by the key that signed it, and by no other', async () => {
  const KeyId = await made('first');
  const call = { Message: Buffer.from('hello'), SigningAlgorithm: 'RSASSA_PSS_SHA_256' as const };
  const { Signature } = await administrator.send(new SignCommand({ KeyId, ...call }));
  await expect(administrator.send(new VerifyCommand({ KeyId, ...call, Signature }))).resolves.toMatchObject({
    SignatureValid: true,
  });
  const other = new VerifyCommand({ KeyId: await made('second'), ...call, Signature });
  await expect(administrator.send(other)).rejects.toMatchObject({ name: 'KMSInvalidSignatureException' });
});

test('a key is the same after a restart', async () => {
  const KeyId = await made('first');
  const restarted = new State(directory);
  const again = new SigningKeys({ ...place, state: restarted });
  expect(await made('first', {}, again)).toBe(KeyId);
  const { PublicKey } = await administrator.send(new GetPublicKeyCommand({ KeyId }));
  const spki = again.find(KeyId)?.publicKey.export({ type: 'spki', format: 'der' });
  expect(spki).toEqual(Buffer.from(PublicKey ?? []));
  restarted.close();
});

test('more than 4,096 bytes, a digest of the wrong length and a key that is not there are refused by name', async () => {
  const KeyId = await made('first');
  const SigningAlgorithm = 'RSASSA_PSS_SHA_256';
  const sign = (more: { Message: Uint8Array; MessageType?: 'DIGEST'; KeyId?: string }) =>
    administrator.send(new SignCommand({ KeyId, SigningAlgorithm, ...more }));
  await expect(sign({ Message: Buffer.alloc(4097) })).rejects.toMatchObject({ name: 'ValidationException' });
  await expect(sign({ Message: Buffer.alloc(31), MessageType: 'DIGEST' })).rejects.toMatchObject({
    name: 'ValidationException',
  });
  const missing = { KeyId: 'alias/missing', Message: Buffer.alloc(1) };
  await expect(sign(missing)).rejects.toMatchObject({ name: 'NotFoundException' });
});

test('a role signs with the keys of its grant alone, by id or by alias', async () => {
  const [mine, other] = [await made('first'), await made('second')];
  const alias = keyResources(keys, macs).find(({ type }) => type === 'AWS::KMS::Alias');
  await alias?.create({ AliasName: 'alias/online', TargetKeyId: mine }, scope('alias'));
  const arn = `arn:aws:iam::${place.accountId}:role/signer`;
  const Principal = { Service: 'lambda.amazonaws.com' };
  const trustPolicy = { Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal } };
  iam.putRole({ roleName: 'signer', arn, trustPolicy, tags: {} });
  const Resource = keys.find(mine)?.arn;
  iam.putRolePolicy('signer', 'own', { Statement: [{ Effect: 'Allow', Action: 'kms:Sign', Resource }] });
  const signer = clientWith(iam.issueKey(arn));
  const sign = (KeyId: string) =>
    signer.send(new SignCommand({ KeyId, Message: Buffer.from('x'), SigningAlgorithm: 'RSASSA_PSS_SHA_256' }));
  await expect(sign('alias/online')).resolves.toBeTruthy();
  await expect(sign(other)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  await expect(signer.send(new DescribeKeyCommand({ KeyId: mine }))).rejects.toMatchObject({
    name: 'AccessDeniedException',
  });
  signer.destroy();
});

test.each([
  ['for encryption', { KeyUsage: 'ENCRYPT_DECRYPT' }],
  ['of another kind', { KeySpec: 'ECC_SECG_P256K1' }],
  ['whose policy is its own', { KeyPolicy: { Statement: [] } }],
  ['with what nobody understands', { Origin: 'EXTERNAL' }],
])('a key %s stops the start', async (_, more) => {
  await expect(made('third', more)).rejects.toThrow('does not understand this key');
});
