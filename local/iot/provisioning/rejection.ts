import { AwsError } from '#local/aws-error.ts';
import { TemplateError } from './expression.ts';

/** Why a provisioning request is refused, as the device reads it on the rejected topic. */
export class ProvisioningRejection extends Error {
  override readonly name = 'ProvisioningRejection';
  readonly statusCode: number;
  readonly errorCode: string;

  constructor(statusCode: number, errorCode: string, message: string) {
    super(message);
    this.statusCode = statusCode;
    this.errorCode = errorCode;
  }
}

export interface RejectionMessage {
  readonly statusCode: number;
  readonly errorCode: string;
  readonly errorMessage: string;
}

export function rejectionMessage(error: unknown): RejectionMessage {
  if (error instanceof ProvisioningRejection) {
    return { statusCode: error.statusCode, errorCode: error.errorCode, errorMessage: error.message };
  }
  if (error instanceof TemplateError) {
    return { statusCode: 400, errorCode: 'InvalidParameters', errorMessage: error.message };
  }
  if (error instanceof AwsError) {
    const errorCode = error.name.replace(/Exception$/, '');
    return { statusCode: error.status, errorCode, errorMessage: error.message };
  }
  return { statusCode: 500, errorCode: 'InternalError', errorMessage: 'Internal failure' };
}

/** The rejection in CBOR (RFC 8949), for a device that speaks it: a map of texts and one small integer. */
export function rejectionInCbor({ statusCode, errorCode, errorMessage }: RejectionMessage): Buffer {
  const number = Buffer.from([0x19, statusCode >> 8, statusCode & 0xff]);
  const text = (value: string) => {
    const bytes = Buffer.from(value);
    return Buffer.concat([Buffer.from([0x79, bytes.byteLength >> 8, bytes.byteLength & 0xff]), bytes]);
  };
  return Buffer.concat([
    Buffer.from([0xa3]),
    text('statusCode'),
    number,
    text('errorCode'),
    text(errorCode),
    text('errorMessage'),
    text(errorMessage),
  ]);
}
