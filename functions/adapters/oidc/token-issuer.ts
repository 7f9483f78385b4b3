import * as z from 'zod/mini';
import { Failure } from '#shared/kernel/failure.ts';
import type { IssuerUrls } from '../../api/documents.ts';

const address = z.url({ protocol: /^https?$/ });
const metadataSchema = z.object({ issuer: z.string(), token_endpoint: address, authorization_endpoint: address });
const patience = 3000;

/** Says where its tokens are had, by its own metadata (OpenID Connect Discovery 1.0, section 4). */
export class TokenIssuer {
  readonly #issuer: string;
  #urls: Promise<IssuerUrls> | undefined;

  /** @param issuer as it stands in the tokens */
  constructor(issuer: string) {
    this.#issuer = issuer;
  }

  /** Asked for once; after a failure again. */
  async urls(): Promise<IssuerUrls> {
    const asked = this.#urls ?? this.#ask();
    this.#urls = asked;
    try {
      return await asked;
    } catch (cause) {
      if (this.#urls === asked) this.#urls = undefined;
      throw new Failure('unavailable', 'issuer-unreachable', 'The issuer of the tokens does not answer.', {
        retryAfter: 5,
        cause,
      });
    }
  }

  async #ask(): Promise<IssuerUrls> {
    const answer = await fetch(`${this.#issuer}/.well-known/openid-configuration`, {
      signal: AbortSignal.timeout(patience),
    });
    if (!answer.ok) throw new Error(`${this.#issuer} answers ${answer.status}`);
    const metadata = metadataSchema.parse(await answer.json());
    // Section 4.3: who speaks for another issuer is not believed.
    if (metadata.issuer !== this.#issuer) throw new Error(`${this.#issuer} says that it is ${metadata.issuer}`);
    return { tokenUrl: metadata.token_endpoint, authorizeUrl: metadata.authorization_endpoint };
  }
}
