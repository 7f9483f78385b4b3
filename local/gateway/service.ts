import type { Permission, Principal } from '#local/iam/principal.ts';

/** A call of an AWS SDK after its signature was verified. */
export interface AwsRequest {
  /** The service in the SigV4 scope: `dynamodb`, `iot`, `iotdata`, `sqs`, `events` … */
  readonly service: string;
  readonly method: string;
  /** Still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  readonly principal: Principal;
  readonly requestId: string;
}

export interface AwsResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: Buffer | string | object;
}

/** A call that nobody has signed. */
export type UnsignedRequest = Omit<AwsRequest, 'service' | 'principal'>;

/** A call that was understood: what it is named, what it needs, how it runs. */
export interface AwsOperation {
  readonly name: string;
  /** Every one of them must be allowed, else AccessDenied and nothing runs. */
  readonly permissions: readonly Permission[];
  run(): AwsResponse | Promise<AwsResponse>;
}

/** One AWS service behind the gateway. */
export interface AwsService {
  /** SigV4 scope names it answers to. */
  readonly names: readonly string[];
  /** What it calls the error of a caller without permission, if not AccessDeniedException. */
  readonly denial?: string;
  /** Throws `AwsError` when the operation or its input is not understood. */
  understand(request: AwsRequest): AwsOperation;
  /** For operations that AWS lets callers without keys ask for. Undefined: this is none of them. */
  understandUnsigned?(request: UnsignedRequest): AwsOperation | undefined;
}
