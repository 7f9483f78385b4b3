import { AwsError } from '#local/aws-error.ts';

/** The control plane's errors, with the status codes of AWS IoT (some are its own habit: 406, 410). */
export const notFound = (message: string) => new AwsError('ResourceNotFoundException', 404, message);

export const invalidRequest = (message: string) => new AwsError('InvalidRequestException', 400, message);

export const alreadyExists = (message: string, resourceId: string, resourceArn: string) =>
  new AwsError('ResourceAlreadyExistsException', 409, message, { resourceId, resourceArn });

export const deleteConflict = (message: string) => new AwsError('DeleteConflictException', 409, message);

export const versionConflict = (message: string) => new AwsError('VersionConflictException', 409, message);

export const versionsLimitExceeded = (message: string) => new AwsError('VersionsLimitExceededException', 409, message);

export const certificateState = (message: string) => new AwsError('CertificateStateException', 406, message);

export const invalidStateTransition = (message: string) =>
  new AwsError('InvalidStateTransitionException', 409, message);

export const limitExceeded = (message: string) => new AwsError('LimitExceededException', 410, message);

export const malformedPolicy = (message: string) => new AwsError('MalformedPolicyException', 400, message);
