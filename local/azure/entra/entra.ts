import { createHash, createPrivateKey, createPublicKey, type KeyObject, randomUUID } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { rsaKey } from '#local/rsa-keys.ts';
import type { Collection, State } from '#local/state/collection.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import { checkAssertion, type FederatedCredential, type TrustedIssuer } from './assertion.ts';
import { EntraRefusal } from './entra-refusal.ts';

/** An application, and whose tokens it may come with. It has no secret. */
export interface EntraApplication {
  readonly clientId: string;
  readonly credentials: readonly FederatedCredential[];
}

export interface EntraOptions {
  readonly tenantId: string;
  readonly applications: () => readonly EntraApplication[];
  readonly issuers: readonly TrustedIssuer[];
  readonly state: State;
  readonly clock: Clock;
}

export interface EntraToken {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly ext_expires_in: number;
}

/** The audience of tokens for IoT hubs. */
export const hubAudience = 'https://iothubs.azure.net';
const life = 3599;
const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Gives tokens to applications that prove themselves by another cloud's token, and reads its own. */
export class Entra {
  readonly tenantId: string;
  readonly #options: EntraOptions;
  readonly #stored: Collection<string>;
  #key: Promise<KeyObject> | undefined;

  constructor(options: EntraOptions) {
    this.tenantId = options.tenantId;
    this.#options = options;
    this.#stored = options.state.collection('azure/entra-keys');
  }

  /** @throws EntraRefusal */
  async token(tenant: string, form: URLSearchParams): Promise<EntraToken> {
    const { clock, issuers, applications } = this.#options;
    if (tenant !== this.tenantId) throw new EntraRefusal(90002, 'invalid_request', `Tenant '${tenant}' not found.`);
    if (form.get('grant_type') !== 'client_credentials') {
      const message = `The app requested an unsupported grant type '${form.get('grant_type') ?? ''}'.`;
      throw new EntraRefusal(70003, 'unsupported_grant_type', message);
    }
    const clientId = form.get('client_id') ?? '';
    const application = applications().find((known) => known.clientId === clientId);
    if (application === undefined) {
      const message = `Application with identifier '${clientId}' was not found in the directory.`;
      throw new EntraRefusal(700016, 'unauthorized_client', message);
    }
    const assertion = form.get('client_assertion');
    if (assertion === null || form.get('client_assertion_type') !== jwtBearer) {
      const message = "The request body must contain the following parameter: 'client_assertion'.";
      throw new EntraRefusal(7000218, 'invalid_client', message);
    }
    await checkAssertion(assertion, application.credentials, issuers, clock.now());
    if (form.get('scope') !== `${hubAudience}/.default`) {
      const message = `The provided value for scope ${form.get('scope') ?? ''} is not valid.`;
      throw new EntraRefusal(70011, 'invalid_scope', message);
    }
    const access_token = await this.#issue(clientId);
    return { token_type: 'Bearer', expires_in: life, ext_expires_in: life, access_token };
  }

  /**
   * The application that a token for hubs is for; undefined: it is none of ours, not for hubs, or its time is over.
   */
  async applicationOf(token: string): Promise<string | undefined> {
    const currentDate = new Date(this.#options.clock.now());
    const checks = { algorithms: ['RS256'], issuer: this.#issuer, audience: hubAudience, currentDate };
    try {
      const { payload } = await jwtVerify(token, createPublicKey(await this.#signingKey()), checks);
      return typeof payload['appid'] === 'string' ? payload['appid'] : undefined;
    } catch {
      return undefined;
    }
  }

  async keySet(): Promise<object> {
    const key = createPublicKey(await this.#signingKey());
    return { keys: [{ ...key.export({ format: 'jwk' }), kid: kidOf(key), use: 'sig', alg: 'RS256' }] };
  }

  async #issue(clientId: string): Promise<string> {
    const key = await this.#signingKey();
    const seconds = Math.floor(this.#options.clock.now() / 1000);
    const objectId = idOf(`${this.tenantId}/${clientId}`);
    return new SignJWT({
      ...{ aud: hubAudience, iss: this.#issuer, iat: seconds, nbf: seconds, exp: seconds + life + 1 },
      ...{ appid: clientId, appidacr: '2', idtyp: 'app', oid: objectId, sub: objectId, tid: this.tenantId },
      ...{ uti: randomUUID(), ver: '1.0' },
    })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: kidOf(createPublicKey(key)) })
      .sign(key);
  }

  get #issuer(): string {
    return `https://sts.windows.net/${this.tenantId}/`;
  }

  #signingKey(): Promise<KeyObject> {
    this.#key ??= this.#loadKey();
    return this.#key;
  }

  async #loadKey(): Promise<KeyObject> {
    const kept = this.#stored.get(this.tenantId);
    if (kept !== undefined) return createPrivateKey(kept);
    const privateKey = rsaKey(`tenant ${this.tenantId}`);
    this.#stored.set(this.tenantId, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    return privateKey;
  }
}

function kidOf(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64url')
    .slice(0, 27);
}

/** In the form of a UUID, and the same at every start. */
function idOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
