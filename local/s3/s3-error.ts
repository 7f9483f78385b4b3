import { AwsError } from '#local/aws-error.ts';

/** An error as S3 names it (S3 API reference, "List of error codes"). `details` become elements of its XML. */
export function s3Error(code: string, message?: string, details: Readonly<Record<string, string | number>> = {}) {
  const [status, standard] = known[code] ?? [400, code];
  return new AwsError(code, status, message ?? standard, details);
}

/** Nothing is stubbed: what this service does not know is refused by name. */
export function notImplemented(what: string): AwsError {
  return new AwsError('NotImplemented', 501, `The local S3 does not implement ${what}.`);
}

const known: Readonly<Record<string, readonly [number, string]>> = {
  AccessControlListNotSupported: [400, 'The bucket does not allow ACLs'],
  AccessDenied: [403, 'Access Denied'],
  AccessForbidden: [403, 'CORSResponse: This CORS request is not allowed.'],
  SignatureDoesNotMatch: [403, 'The signature does not match what was computed.'],
  BadDigest: [400, 'The digest or checksum that was sent does not match the body that arrived.'],
  EntityTooLarge: [400, 'Your proposed upload exceeds the maximum allowed size'],
  EntityTooSmall: [400, 'Your proposed upload is smaller than the minimum allowed size'],
  IncompleteBody: [400, 'You did not provide the number of bytes specified by the Content-Length HTTP header'],
  InternalError: [500, 'The local S3 failed.'],
  InvalidArgument: [400, 'Invalid Argument'],
  InvalidDigest: [400, 'The digest or checksum is not one.'],
  InvalidPart: [400, 'A part was not uploaded, or its entity tag or checksum is another.'],
  InvalidPartOrder: [400, 'The parts must stand in ascending order.'],
  InvalidRange: [416, 'The requested range is not satisfiable'],
  InvalidRequest: [400, 'Invalid Request'],
  InvalidURI: [400, "Couldn't parse the specified URI."],
  KeyTooLongError: [400, 'Your key is too long'],
  MalformedXML: [400, 'The XML you provided was not well-formed or did not validate against our published schema'],
  MetadataTooLarge: [400, 'Your metadata headers exceed the maximum allowed metadata size'],
  MethodNotAllowed: [405, 'The specified method is not allowed against this resource.'],
  MissingContentLength: [411, 'You must provide the Content-Length HTTP header.'],
  NoSuchBucket: [404, 'The specified bucket does not exist'],
  NoSuchKey: [404, 'The specified key does not exist.'],
  NoSuchObjectLockConfiguration: [404, 'The specified object does not have a ObjectLock configuration'],
  NoSuchVersion: [404, 'The specified version does not exist.'],
  NoSuchUpload: [404, 'The specified multipart upload does not exist: its id is unknown, or it was ended.'],
  NotModified: [304, 'Not Modified'],
  PreconditionFailed: [412, 'At least one of the pre-conditions you specified did not hold'],
  XAmzContentSHA256Mismatch: [400, "The provided 'x-amz-content-sha256' header does not match what was computed."],
};

/** S3 has other names for what the gateway refuses. */
const renamed: Readonly<Record<string, string>> = {
  AccessDeniedException: 'AccessDenied',
  IncompleteSignatureException: 'AuthorizationHeaderMalformed',
  InternalFailure: 'InternalError',
  InvalidClientTokenId: 'InvalidAccessKeyId',
  MissingAuthenticationTokenException: 'AccessDenied',
};

export function s3ErrorCode({ name }: AwsError): string {
  return renamed[name] ?? name;
}
