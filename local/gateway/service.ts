import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { AwsError } from '#local/aws-error.ts';
import type { Permission, Principal } from '#local/iam/principal.ts';

/** What came over the wire before anybody was asked who sent it. */
export interface ArrivedRequest {
  readonly method: string;
  /** Still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly requestId: string;
}

/** A call of an AWS SDK after its signature was verified. */
export interface AwsRequest extends ArrivedRequest {
  /** The service in the SigV4 scope: `dynamodb`, `iot`, `iotdata`, `sqs`, `events` … */
  readonly service: string;
  readonly body: Buffer;
  readonly principal: Principal;
  /** For a service that streams; `body` is empty then. */
  readonly streamed?: StreamedBody;
}

/** A body that is still under way, and what its sender's signature says of it. */
export interface StreamedBody {
  readonly content: IncomingMessage;
  readonly presigned: boolean;
  /** Lower-case names. */
  readonly signedHeaders: readonly string[];
  /** Of the request's head: the first link of the chain of signed chunks. */
  readonly signature: string;
  /** The next link of that chain. */
  sign(kind: 'PAYLOAD' | 'TRAILER', previous: string, hashes: readonly string[]): string;
}

export interface AwsResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: Buffer | string | object;
  /** In place of `body`; its length is in the headers. */
  readonly stream?: Readable;
}

/** A call that nobody has signed. */
export type UnsignedRequest = Omit<AwsRequest, 'service' | 'principal' | 'streamed'>;

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
  /** Takes bodies as they come, and compares them with what was signed itself. */
  readonly streams?: true;
  /** Throws `AwsError` when the operation or its input is not understood. */
  understand(request: AwsRequest): AwsOperation;
  /** For operations that AWS lets callers without keys ask for. Undefined: this is none of them. */
  understandUnsigned?(request: UnsignedRequest): AwsOperation | undefined;
  /** How it writes errors, if not as the SDKs of the JSON and query protocols read them. */
  refusal?(error: AwsError, request: ArrivedRequest): AwsResponse;
}
