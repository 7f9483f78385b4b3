import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import type { CloudFile, SeededUser } from '#local/cloud-file.ts';
import { type SignedRequest, signedCall } from '#local/signed-call.ts';
import { type TraceRecord, traceRecord } from '#local/trace/hop-record.ts';

const clock = z.object({ aheadSeconds: z.number() });
const refusal = z.object({ __type: z.string() });

/** Who holds the administrator's key of the cloud: makes persons (docs/deploy.md), moves the local time, reads traces. */
export class Administrator {
  readonly #cloud: CloudFile;

  constructor(cloud: CloudFile) {
    this.#cloud = cloud;
  }

  /** Somebody who can sign in. Who was made before gets another password. */
  async makePerson(username: string): Promise<SeededUser> {
    const UserPoolId = this.#cloud.identity.issuer.split('/').at(-1) ?? '';
    const password = `${randomBytes(12).toString('base64url')}-Aa1`;
    const user = { UserPoolId, Username: username };
    const made = await this.#cognito('AdminCreateUser', { ...user, MessageAction: 'SUPPRESS' });
    if (made.status !== 200 && !JSON.stringify(made.body).includes('UsernameExistsException')) {
      throw new Error(`No person "${username}": ${JSON.stringify(made.body)}`);
    }
    const set = await this.#cognito('AdminSetUserPassword', { ...user, Password: password, Permanent: true });
    if (set.status !== 200)
      throw new Error(`No password for "${username}": ${JSON.stringify(refusal.parse(set.body))}`);
    return { name: username, username, password };
  }

  /** Only a local cloud's time can be moved. */
  async letTimePass(seconds: number): Promise<void> {
    const request = { service: 'clock', path: '/clock' };
    const { aheadSeconds } = clock.parse((await this.#call({ ...request, method: 'GET' })).body);
    const body = JSON.stringify({ aheadSeconds: aheadSeconds + seconds });
    const moved = await this.#call({ ...request, method: 'POST', body });
    if (moved.status !== 200) throw new Error(`The time cannot be moved: ${JSON.stringify(moved.body)}`);
  }

  /** The newest first. @param id of a vehicle, a request or a trace */
  async traces(id: string, last = 1): Promise<readonly TraceRecord[]> {
    const query = `id=${encodeURIComponent(id)}&last=${last}`;
    const { body } = await this.#call({ service: 'traces', method: 'GET', path: '/traces', query });
    return z.object({ traces: z.array(traceRecord) }).parse(body).traces;
  }

  #cognito(operation: string, body: object) {
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
    };
    return this.#call({ service: 'cognito-idp', method: 'POST', path: '/', headers, body: JSON.stringify(body) });
  }

  async #call(request: SignedRequest): Promise<{ readonly status: number; readonly body: unknown }> {
    const answer = await signedCall(this.#cloud, request);
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
  }
}
