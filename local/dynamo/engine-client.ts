import { Agent, type IncomingMessage, request } from 'node:http';
import { AwsError } from '#local/aws-error.ts';

export interface EngineAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Where the local cloud says that its tables live. */
export interface Place {
  readonly region: string;
  readonly accountId: string;
}

const tables = 'DynamoDB_20120810';
const streams = 'DynamoDBStreams_20120810';

/** Any engine that speaks DynamoDB's protocol. It knows no IAM: whoever holds this client may do everything. */
export class EngineClient {
  readonly place: Place;
  readonly #endpoint: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #protected = new Set<string>();
  /** How the engine writes its ARNs; learnt from its answers. */
  #engineArns: string | undefined;

  constructor(endpoint: string, place: Place) {
    this.#endpoint = new URL(endpoint);
    this.place = place;
  }

  /** `arn:aws:dynamodb:<region>:<account>:` */
  get arnPrefix(): string {
    return `arn:aws:dynamodb:${this.place.region}:${this.place.accountId}:`;
  }

  tableArn(tableName: string): string {
    return `${this.arnPrefix}table/${tableName}`;
  }

  /** From now on, `tableName` must not be deleted: engines do not keep such a promise themselves. */
  protect(tableName: string): void {
    this.#protected.add(tableName);
  }

  isProtected(tableName: string): boolean {
    return this.#protected.has(tableName);
  }

  call(operation: string, input: object): Promise<unknown> {
    return this.#call(`${tables}.${operation}`, input);
  }

  callStreams(operation: string, input: object): Promise<unknown> {
    return this.#call(`${streams}.${operation}`, input);
  }

  async #call(target: string, input: object): Promise<unknown> {
    const answer = await this.forward(target, Buffer.from(this.foreignArns(JSON.stringify(input))));
    const body: unknown = JSON.parse(this.ownArns(answer.body.toString('utf8')));
    if (answer.status === 200) return body;
    throw failure(answer.status, body);
  }

  /** The engine's ARNs as ours. */
  ownArns(text: string): string {
    return text.replace(/arn:aws:dynamodb:[a-z0-9-]+:\d{12}:/g, (prefix) => {
      this.#engineArns = prefix;
      return this.arnPrefix;
    });
  }

  /** Our ARNs as the engine's. */
  foreignArns(text: string): string {
    return this.#engineArns === undefined ? text : text.replaceAll(this.arnPrefix, this.#engineArns);
  }

  /** Passes the bytes on as they are. */
  forward(target: string, body: Buffer): Promise<EngineAnswer> {
    return new Promise((resolve, reject) => {
      const outgoing = request(this.#endpoint, {
        method: 'POST',
        agent: this.#agent,
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'content-length': body.length,
          'x-amz-target': target,
          // Engines want to see a signature and do not check it. DynamoDB Local keeps separate tables a key and region.
          'x-amz-date': '20260101T000000Z',
          authorization: `AWS4-HMAC-SHA256 Credential=fleetloom/20260101/${this.place.region}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
        },
      });
      outgoing.once('error', (error) => {
        reject(new AwsError('InternalServerError', 500, `The DynamoDB engine did not answer: ${error.message}`));
      });
      outgoing.once('response', (response) => void collect(response).then(resolve, reject));
      outgoing.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

async function collect(response: IncomingMessage): Promise<EngineAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const headers: Record<string, string> = {};
  for (const name of ['content-type', 'x-amz-crc32']) {
    const value = response.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  return { status: response.statusCode ?? 500, headers, body: Buffer.concat(chunks) };
}

function failure(status: number, body: unknown): AwsError {
  const { __type: type, message } =
    typeof body === 'object' && body !== null ? (body as { __type?: unknown; message?: unknown }) : {};
  const name = typeof type === 'string' ? type.slice(type.indexOf('#') + 1) : 'InternalServerError';
  return new AwsError(name, status, typeof message === 'string' ? message : 'The DynamoDB engine failed.');
}
