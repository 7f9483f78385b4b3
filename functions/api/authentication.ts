import * as z from 'zod/mini';
import type { Caller } from '#shared/access/caller.ts';
import type { ClientBrandsRepository } from '#shared/access/client-brands-repository.ts';
import { everyBrand } from '#shared/access/roles.ts';
import { scopesOfToken } from '#shared/access/scopes.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import type { Brand } from '#shared/registry/brand.ts';
import { TransportFault } from './input.ts';

/** What API Gateway's JWT authorizer has verified: signature, issuer, audience, expiry. */
const authorized = z.object({
  event: z.object({
    requestContext: z.object({
      authorizer: z.object({
        jwt: z.object({
          claims: z.object({
            client_id: z.string().check(z.minLength(1)),
            scope: z.string(),
            // An identity token of the same pool has the right audience too, and opens nothing.
            token_use: z.literal('access'),
          }),
        }),
      }),
    }),
  }),
});

/** So long a change of a client's brands may go unnoticed. */
const cacheTime = 30_000;

/** Says who calls: the token names the client and its scopes, our own table its brands. */
export class Authentication {
  readonly #repository: ClientBrandsRepository;
  readonly #brands: readonly Brand[];
  readonly #clock: Clock;
  readonly #cache = new Map<string, { readonly brands: readonly Brand[]; readonly until: number }>();

  constructor(repository: ClientBrandsRepository, brands: readonly Brand[], clock: Clock) {
    this.#repository = repository;
    this.#brands = brands;
    this.#clock = clock;
  }

  /** @param bindings what the Lambda adapter hands over with the request */
  async caller(bindings: unknown): Promise<Caller> {
    const parsed = authorized.safeParse(bindings);
    // The routes with an authorizer never come here without claims; if one ever does, nobody gets in.
    if (!parsed.success) throw new TransportFault('unauthenticated', { 'www-authenticate': 'Bearer' });
    const { client_id: clientId, scope } = parsed.data.event.requestContext.authorizer.jwt.claims;
    return { clientId, scopes: scopesOfToken(scope), brands: await this.#brandsOf(clientId) };
  }

  async #brandsOf(clientId: string): Promise<readonly Brand[]> {
    const now = this.#clock.now();
    const known = this.#cache.get(clientId);
    if (known !== undefined && now < known.until) return known.brands;
    const slugs = await this.#repository.load(clientId);
    const brands = this.#brands.filter((brand) => slugs.includes(everyBrand) || slugs.includes(brand));
    this.#cache.set(clientId, { brands, until: now + cacheTime });
    return brands;
  }
}
