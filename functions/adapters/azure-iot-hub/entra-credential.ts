import { type RequestOptions, request } from 'node:https';
import { GetWebIdentityTokenCommand, type STSClient } from '@aws-sdk/client-sts';
import * as z from 'zod/mini';
import type { Clock } from '#shared/kernel/clock.ts';
import { Failure } from '#shared/kernel/failure.ts';

/** Who an application of ours is in Entra ID. */
export interface EntraApplication {
  readonly tenantId: string;
  readonly clientId: string;
}

interface AccessToken {
  readonly token: string;
  readonly expiresOnTimestamp: number;
}

/** What Entra ID wants a foreign token to be for (Microsoft, "Workload identity federation"). */
const exchangeAudience = 'api://AzureADTokenExchange';
const publicCloud = 'https://login.microsoftonline.com';
/** Seconds for which AWS vouches for us: the exchange follows at once. */
const assertionLife = 300;
/** Milliseconds before its end at which a token is not used any more. */
const margin = 5 * 60_000;
const patience = 10_000;

const granted = z.object({ access_token: z.string(), expires_in: z.number() });
const refused = z.object({ error: z.string(), error_description: z.optional(z.string()) });

export interface EntraPorts {
  readonly application: EntraApplication;
  readonly sts: Pick<STSClient, 'send'>;
  readonly clock: Clock;
  /** Of a cloud on this machine. */
  readonly authority?: string;
  readonly ca?: string;
}

/**
 * Azure's tokens without a stored secret: AWS says in a signed token which role runs this function, and Entra ID, where
 * that role is the application's federated credential, gives a token of Azure for it.
 */
export class EntraCredential {
  readonly #ports: EntraPorts;
  readonly #tokens = new Map<string, AccessToken>();

  constructor(ports: EntraPorts) {
    this.#ports = ports;
  }

  /** As the Azure SDKs ask for it. */
  async getToken(scopes: string | string[]): Promise<AccessToken> {
    const scope = [scopes].flat().join(' ');
    const known = this.#tokens.get(scope);
    if (known !== undefined && known.expiresOnTimestamp - margin > this.#ports.clock.now()) return known;
    const token = await this.#exchange(scope, await this.#assertion());
    this.#tokens.set(scope, token);
    return token;
  }

  async #assertion(): Promise<string> {
    const { WebIdentityToken } = await this.#ports.sts.send(
      new GetWebIdentityTokenCommand({
        Audience: [exchangeAudience],
        SigningAlgorithm: 'RS256',
        DurationSeconds: assertionLife,
      }),
    );
    if (WebIdentityToken === undefined) throw new Error('AWS STS gave no token');
    return WebIdentityToken;
  }

  async #exchange(scope: string, assertion: string): Promise<AccessToken> {
    const { application, authority = publicCloud, ca, clock } = this.#ports;
    const asked = clock.now();
    const { status, body } = await posted(
      new URL(`/${application.tenantId}/oauth2/v2.0/token`, authority),
      new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: application.clientId,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
        scope,
      }),
      ca === undefined ? {} : { ca },
    );
    const answer = granted.safeParse(body);
    if (status === 200 && answer.success) {
      const { access_token: token, expires_in: seconds } = answer.data;
      return { token, expiresOnTimestamp: asked + seconds * 1000 };
    }
    // Its description names tenant and application, and no secret.
    const said = refused.safeParse(body).data;
    throw new Failure('unavailable', 'hub-not-answering', 'The device cloud gave us no access.', {
      retryAfter: 30,
      cause: new Error(`Entra ID: ${status} ${said?.error ?? ''} ${said?.error_description ?? ''}`.trim()),
    });
  }
}

function posted(
  url: URL,
  form: URLSearchParams,
  options: RequestOptions,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const body = form.toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const call = request(url, { ...options, method: 'POST', headers, timeout: patience }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: jsonOf(Buffer.concat(chunks)) }));
    });
    call.on('timeout', () => call.destroy(new Error('Entra ID did not answer')));
    call.on('error', reject);
    call.end(body);
  });
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
