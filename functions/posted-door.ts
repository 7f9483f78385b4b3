import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { Failure } from '#shared/kernel/failure.ts';
import { type HomeName, isHomeName } from '#shared/registry/home.ts';
import { maxPostedBytes } from '#shared/vehicle-cloud/device-post.ts';
import { TransportFault } from './api/input.ts';
import { judgeSignature, type PostKeys, type SignatureJudgement } from './post-signature.ts';

/** What API Gateway hands over of a post, as far as it is looked at. */
export type PostedRequest = Pick<APIGatewayProxyEventV2, 'headers' | 'pathParameters' | 'body' | 'isBase64Encoded'>;

export interface DoorParts {
  readonly keys: PostKeys;
  readonly signatures: { take(digest: string, requestId: string, now: number): Promise<boolean> };
  /** Hears why somebody was kept out, before they do. */
  readonly refused: (why: string) => void;
}

/**
 * Lets in what one of a home's keys has signed, once.
 *
 * @throws TransportFault, Failure where it is not let in; nothing was done then
 */
export async function letIn(
  request: PostedRequest,
  { keys, signatures, refused }: DoorParts,
  { requestId, now }: { readonly requestId: string; readonly now: number },
): Promise<{ readonly home: HomeName; readonly content: unknown }> {
  const body = Buffer.from(request.body ?? '', request.isBase64Encoded ? 'base64' : 'utf8');
  if (body.length > maxPostedBytes) {
    throw new Failure('too-large', 'body-too-large', `The body is larger than ${maxPostedBytes} bytes.`);
  }
  const home = request.pathParameters?.['home'] ?? '';
  const judgement = judgeSignature(request.headers, body, { home, keys, now });
  if (judgement.kind !== 'good' || !isHomeName(home)) throw keptOut(judgement, refused);
  // Before anything is done: of two that come at once, one does it.
  if (!(await signatures.take(judgement.digest, requestId, now))) {
    refused('replayed');
    throw new Failure('conflict', 'signature-replayed', 'The very same signature was taken before.', {
      resolution: 'Sign anew with each attempt, under another webhook-id.',
    });
  }
  return { home, content: contentOf(body) };
}

function keptOut(judgement: SignatureJudgement, refused: DoorParts['refused']): TransportFault {
  if (judgement.kind === 'expired') {
    refused(`expired, by ${judgement.offBy} ms`);
    return new TransportFault('signatureExpired');
  }
  // Whoever sends no signature at all is a stranger that came along, and rings no bell.
  if (judgement.kind === 'invalid' && judgement.why !== 'headers') refused(judgement.why);
  return new TransportFault('signatureInvalid');
}

function contentOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new Failure('invalid', 'malformed-body', 'The body is not JSON in UTF-8.');
  }
}
