import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  randomUUID,
} from 'node:crypto';
import { promisify } from 'node:util';
import { SignJWT } from 'jose';
import { rsaKey } from '#local/rsa-keys.ts';
import type { Collection, State } from '#local/state/collection.ts';
import type { Clock } from '#shared/kernel/clock.ts';

export const tokenAlgorithms = ['RS256', 'ES384'] as const;
export type TokenAlgorithm = (typeof tokenAlgorithms)[number];

/** What somebody wants to prove elsewhere. */
export interface WebIdentityWish {
  /** The ARN of the role or user that asks. */
  readonly subject: string;
  readonly audience: readonly string[];
  readonly algorithm: TokenAlgorithm;
  readonly seconds: number;
  readonly requestTags: Readonly<Record<string, string>>;
  readonly principalTags: Readonly<Record<string, string>>;
}

export interface WebIdentityToken {
  readonly token: string;
  /** s since the Unix epoch */
  readonly expires: number;
}

/**
 * Tokens by which roles of the account prove themselves to others. Source: AWS IAM, "Understanding token claims".
 * The keys are made when they are needed and kept, so that a token outlives a restart.
 */
export class WebIdentityTokens {
  readonly issuer: string;
  readonly #place: { readonly accountId: string; readonly region: string };
  readonly #clock: Clock;
  readonly #stored: Collection<string>;
  readonly #keys = new Map<TokenAlgorithm, Promise<KeyObject>>();

  constructor({ state, clock, ...place }: { accountId: string; region: string; state: State; clock: Clock }) {
    this.#place = place;
    this.#clock = clock;
    this.#stored = state.collection('sts/keys');
    // One for each account, and the account is always the same.
    const id = createHash('sha256').update(place.accountId).digest('hex').slice(0, 32);
    this.issuer = `https://${[0, 8, 16, 24].map((at) => id.slice(at, at + 8)).join('-')}.tokens.sts.global.api.aws`;
  }

  async issue(wish: WebIdentityWish): Promise<WebIdentityToken> {
    const seconds = Math.floor(this.#clock.now() / 1000);
    const expires = seconds + wish.seconds;
    const key = await this.#key(wish.algorithm);
    const { accountId, region } = this.#place;
    const [only] = wish.audience;
    const claims = {
      iss: this.issuer,
      aud: wish.audience.length === 1 && only !== undefined ? only : [...wish.audience],
      sub: wish.subject,
      iat: seconds,
      exp: expires,
      jti: randomUUID(),
      'https://sts.amazonaws.com/': {
        aws_account: accountId,
        source_region: region,
        ...(Object.keys(wish.principalTags).length > 0 && { principal_tags: wish.principalTags }),
        ...(Object.keys(wish.requestTags).length > 0 && { request_tags: wish.requestTags }),
      },
    };
    const header = { alg: wish.algorithm, kid: kidOf(key), typ: 'JWT' };
    return { token: await new SignJWT(claims).setProtectedHeader(header).sign(key), expires };
  }

  /** What stands in the issuer's `jwks.json` under this id: undefined when it has signed with no such key. */
  async publicKey(kid: string): Promise<KeyObject | undefined> {
    for (const algorithm of tokenAlgorithms) {
      if (!this.#keys.has(algorithm) && !this.#stored.has(algorithm)) continue;
      const key = await this.#key(algorithm);
      if (kidOf(key) === kid) return createPublicKey(key);
    }
    return undefined;
  }

  #key(algorithm: TokenAlgorithm): Promise<KeyObject> {
    const known = this.#keys.get(algorithm) ?? this.#load(algorithm);
    this.#keys.set(algorithm, known);
    return known;
  }

  async #load(algorithm: TokenAlgorithm): Promise<KeyObject> {
    const kept = this.#stored.get(algorithm);
    if (kept !== undefined) return createPrivateKey(kept);
    const privateKey =
      algorithm === 'RS256'
        ? rsaKey('web identities')
        : (await promisify(generateKeyPair)('ec', { namedCurve: 'P-384' })).privateKey;
    this.#stored.set(algorithm, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    return privateKey;
  }
}

function kidOf(key: KeyObject): string {
  return createHash('sha256')
    .update(createPublicKey(key).export({ type: 'spki', format: 'der' }))
    .digest('base64url');
}
