import { constants, type SigningOptions, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { AwsError } from '#local/aws-error.ts';
import { jsonOf } from '#local/gateway/json-body.ts';
import type { AwsOperation, AwsRequest, AwsService } from '#local/gateway/service.ts';
import {
  algorithmsOf,
  digestAlgorithms,
  type SigningAlgorithm,
  signatureOf,
  signingAlgorithms,
} from './digest-signature.ts';
import type { MacKeys } from './mac-keys.ts';
import type { KeySpec, SigningKey, SigningKeys } from './signing-keys.ts';

const prefix = 'TrentService.';
const largestMessage = 4096;

const bytes = z.base64().transform((text) => Buffer.from(text, 'base64'));
const named = z.object({ KeyId: z.string().min(1), GrantTokens: z.undefined().optional() });
const signing = named.extend({
  Message: bytes,
  MessageType: z.enum(['RAW', 'DIGEST']).default('RAW'),
  SigningAlgorithm: z.enum(signingAlgorithms),
  DryRun: z.literal(false).optional(),
});
const authenticating = named.extend({
  // KMS API reference, "GenerateMac".
  Message: bytes.refine((message) => message.length >= 1 && message.length <= largestMessage),
  MacAlgorithm: z.literal('HMAC_SHA_256'),
  DryRun: z.literal(false).optional(),
});
const verifying = signing.extend({ Signature: bytes });

/** The part of KMS that signs, for SDK clients. */
export function kmsService(keys: SigningKeys, macs: MacKeys): AwsService {
  return { names: ['kms'], understand: (request) => understand(request, keys, macs) };
}

function understand(request: AwsRequest, keys: SigningKeys, macs: MacKeys): AwsOperation {
  const target = request.headers['x-amz-target'] ?? '';
  const name = target.startsWith(prefix) ? target.slice(prefix.length) : '';
  const input = jsonOf(request.body);
  switch (name) {
    case 'Sign': {
      const asked = parse(signing, input);
      const key = present(keys, asked.KeyId);
      return operation(name, key, asked, () => ({
        Signature: signed(key, asked).toString('base64'),
        SigningAlgorithm: asked.SigningAlgorithm,
      }));
    }
    case 'Verify': {
      const asked = parse(verifying, input);
      const key = present(keys, asked.KeyId);
      return operation(name, key, asked, () => verified(key, asked));
    }
    case 'GetPublicKey': {
      const key = present(keys, parse(named, input).KeyId);
      return operation(name, key, undefined, () => publicKeyOf(key));
    }
    case 'DescribeKey': {
      const key = present(keys, parse(named, input).KeyId);
      return operation(name, key, undefined, () => ({ KeyMetadata: described(key) }));
    }
    case 'GenerateMac':
      return generateMac(macs, parse(authenticating, input));
    default:
      throw new AwsError('UnknownOperationException', 400, `The local KMS has no operation "${name}".`);
  }
}

function generateMac(macs: MacKeys, asked: z.output<typeof authenticating>): AwsOperation {
  const key = macs.find(asked.KeyId);
  if (key === undefined) throw missing(asked.KeyId);
  const context = { 'kms:MacAlgorithm': asked.MacAlgorithm };
  return {
    name: 'GenerateMac',
    permissions: [{ action: 'kms:GenerateMac', resource: key.arn, context }],
    run: () => {
      const Mac = key.mac(asked.Message).toString('base64');
      return { status: 200, body: { KeyId: key.arn, Mac, MacAlgorithm: asked.MacAlgorithm } };
    },
  };
}

type Signing = z.output<typeof signing>;

function operation(name: string, key: SigningKey, asked: Signing | undefined, run: () => object): AwsOperation {
  const context = asked && { 'kms:SigningAlgorithm': asked.SigningAlgorithm, 'kms:MessageType': asked.MessageType };
  return {
    name,
    permissions: [{ action: `kms:${name}`, resource: key.arn, ...(context && { context }) }],
    run: () => ({ status: 200, body: { KeyId: key.arn, ...run() } }),
  };
}

function signed({ spec, privateKey }: SigningKey, asked: Signing): Buffer {
  const { options, hash } = checked(spec, asked);
  if (asked.MessageType === 'RAW') {
    return sign(hash, asked.Message, { key: privateKey, ...options });
  }
  return signatureOf(privateKey, asked.Message, asked.SigningAlgorithm);
}

function verified({ spec, publicKey }: SigningKey, asked: z.output<typeof verifying>): object {
  const { options, hash } = checked(spec, asked);
  if (asked.MessageType === 'DIGEST') {
    throw new AwsError('UnsupportedOperationException', 400, 'The local KMS verifies whole messages only.');
  }
  if (!verify(hash, asked.Message, { key: publicKey, ...options }, asked.Signature)) {
    throw new AwsError('KMSInvalidSignatureException', 400, 'The signature does not fit the message.');
  }
  return { SignatureValid: true, SigningAlgorithm: asked.SigningAlgorithm };
}

/** KMS API reference, "Sign": a message of 1 to 4,096 bytes, or a digest of the algorithm's own length. */
function checked(spec: KeySpec, { Message: message, MessageType: type, SigningAlgorithm: algorithm }: Signing) {
  if (!algorithmsOf(spec).includes(algorithm)) {
    throw new AwsError(
      'InvalidKeyUsageException',
      400,
      `Algorithm ${algorithm} is incompatible with key spec ${spec}.`,
    );
  }
  const hash = digestAlgorithms[algorithm];
  const digestLength = Number(hash.slice('sha'.length)) / 8;
  if (type === 'DIGEST' && message.length !== digestLength) {
    throw new AwsError('ValidationException', 400, `Digest is invalid length for algorithm ${algorithm}.`);
  }
  if (message.length < 1 || message.length > largestMessage) {
    throw new AwsError(
      'ValidationException',
      400,
      "Value at 'message' failed to satisfy constraint: Member must have length less than or equal to 4096",
    );
  }
  return { hash, options: optionsOf(algorithm, digestLength) };
}

/** A signature of a curve is answered in DER (KMS API reference, "Sign", Signature), which is Node's way as well. */
function optionsOf(algorithm: SigningAlgorithm, digestLength: number): SigningOptions {
  if (algorithm === 'ECDSA_SHA_256') return { dsaEncoding: 'der' };
  if (algorithm.startsWith('RSASSA_PKCS1')) return { padding: constants.RSA_PKCS1_PADDING };
  return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: digestLength };
}

function publicKeyOf(key: SigningKey): object {
  return {
    PublicKey: key.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    ...{ KeySpec: key.spec, CustomerMasterKeySpec: key.spec, KeyUsage: 'SIGN_VERIFY' },
    SigningAlgorithms: algorithmsOf(key.spec),
  };
}

function described(key: SigningKey): object {
  return {
    ...{ KeyId: key.keyId, Arn: key.arn, AWSAccountId: key.arn.split(':')[4], Enabled: true, KeyState: 'Enabled' },
    ...{ KeySpec: key.spec, CustomerMasterKeySpec: key.spec, KeyUsage: 'SIGN_VERIFY', KeyManager: 'CUSTOMER' },
    ...{ Origin: 'AWS_KMS', MultiRegion: false, SigningAlgorithms: algorithmsOf(key.spec) },
  };
}

function present(keys: SigningKeys, reference: string): SigningKey {
  const key = keys.find(reference);
  if (key === undefined) throw missing(reference);
  return key;
}

function missing(reference: string): AwsError {
  return new AwsError('NotFoundException', 400, `Key '${reference}' does not exist`);
}

function parse<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new AwsError('ValidationException', 400, z.prettifyError(parsed.error));
}
