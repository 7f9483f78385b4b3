import { randomUUID } from 'node:crypto';
import type { HubAnswer, HubRequest } from '#local/azure/rest/route.ts';
import { Unanswered } from '#local/azure/rest/service-api.ts';
import { type Faults, unlessBrokenOff } from '#local/faults/faults.ts';
import type { Entra } from './entra.ts';
import { EntraRefusal } from './entra-refusal.ts';

type Asked = Omit<HubRequest, 'parameters'>;

const paths = /^\/([0-9a-f-]{36}|common|organizations)\/(oauth2|v2\.0|discovery)\//;

/** The directory's token endpoint, and what clients read before they ask there. */
export class EntraApi {
  readonly #entra: Entra;
  readonly #faults: Faults;

  constructor({ entra, faults }: { readonly entra: Entra; readonly faults: Faults }) {
    this.#entra = entra;
    this.#faults = faults;
  }

  /** The directory and the hub share a port. */
  static isMeant({ path }: Asked): boolean {
    return paths.test(path);
  }

  /** @throws Unanswered, BrokenOff by a fault */
  async serve(asked: Asked): Promise<HubAnswer> {
    const [, tenant = '', path = ''] = /^\/([^/]+)\/(.+)$/.exec(asked.path) ?? [];
    switch (`${asked.method} ${path}`) {
      case 'POST oauth2/v2.0/token':
        return this.#token(tenant, asked.body.toString('utf8'));
      case 'GET v2.0/.well-known/openid-configuration':
        return { status: 200, body: discovery(`https://${asked.headers['host']}/${tenant}`) };
      case 'GET discovery/v2.0/keys':
        return { status: 200, body: await this.#entra.keySet() };
      default:
        return { status: 404, body: { error: 'not_found' } };
    }
  }

  async #token(tenant: string, form: string): Promise<HubAnswer> {
    const fate = await this.#faults.at('http', 'entra:Token');
    if (fate.kind === 'drop') throw new Unanswered('The request was dropped by a fault.');
    if (fate.kind === 'fail') return { status: 503, body: { error: 'temporarily_unavailable' } };
    return unlessBrokenOff(fate, async () => {
      try {
        const body = await this.#entra.token(tenant, new URLSearchParams(form));
        return { status: 200, body, headers: { 'cache-control': 'no-store' } };
      } catch (error) {
        if (!(error instanceof EntraRefusal)) throw error;
        return { status: error.status, body: refusal(error) };
      }
    });
  }
}

function discovery(tenant: string): object {
  return {
    issuer: `${tenant}/v2.0`,
    authorization_endpoint: `${tenant}/oauth2/v2.0/authorize`,
    token_endpoint: `${tenant}/oauth2/v2.0/token`,
    jwks_uri: `${tenant}/discovery/v2.0/keys`,
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    response_types_supported: ['token'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
}

function refusal({ error, message, code }: EntraRefusal): object {
  return {
    ...{ error, error_description: message, error_codes: [code] },
    ...{ trace_id: randomUUID(), correlation_id: randomUUID() },
  };
}
