import { AwsError } from '#local/aws-error.ts';

/** As CloudFront says it, in XML. */
export function edgeError(code: 'MissingKey' | 'AccessDenied' | 'MethodNotAllowed' | 'NotOpen', message: string) {
  const status = { MissingKey: 403, AccessDenied: 403, MethodNotAllowed: 405, NotOpen: 503 }[code];
  return new AwsError(code, status, message);
}
