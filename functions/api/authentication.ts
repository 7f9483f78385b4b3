import * as z from 'zod/mini';
import { type Asker, personAskerId } from '#shared/access/asker.ts';
import type { ClientBrandsRepository } from '#shared/access/client-brands-repository.ts';
import { isPersonId, personScopes } from '#shared/access/person.ts';
import type { Asking } from '#shared/access/quota-service.ts';
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
            sub: z.string(),
            /** Only in the tokens of people. */
            username: z.optional(z.string().check(z.minLength(1))),
            /** Seconds; API Gateway makes text of every claim. */
            auth_time: z.optional(z.coerce.number().check(z.nonnegative())),
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
  async asker(bindings: unknown): Promise<Asker> {
    const parsed = authorized.safeParse(bindings);
    // The routes with an authorizer never come here without claims; if one ever does, nobody gets in.
    if (!parsed.success) throw unauthenticated();
    const { claims } = parsed.data.event.requestContext.authorizer.jwt;
    const { client_id: clientId, scope, sub, username, auth_time: seconds = 0 } = claims;
    if (username === undefined) {
      return { kind: 'client', clientId, scopes: scopesOfToken(scope), brands: await this.#brandsOf(clientId) };
    }
    const granted = scope.split(' ');
    if (!isPersonId(sub) || !personScopes.some((name) => granted.includes(name))) throw unauthenticated();
    return { kind: 'person', personId: sub, username, signedInAt: seconds * 1000, clientId };
  }

  /** Whose quota a request is counted against; undefined where nobody has shown who they are. */
  asking(bindings: unknown): Asking | undefined {
    const parsed = authorized.safeParse(bindings);
    if (!parsed.success) return undefined;
    const { client_id: clientId, scope, sub, username } = parsed.data.event.requestContext.authorizer.jwt.claims;
    if (username === undefined) {
      return { askerId: clientId, kind: 'client', readmits: scopesOfToken(scope).has('manage_clients') };
    }
    return isPersonId(sub) ? { askerId: personAskerId(sub), kind: 'person' } : undefined;
  }

  async #brandsOf(clientId: string): Promise<readonly Brand[]> {
    const now = this.#clock.now();
    const known = this.#cache.get(clientId);
    if (known !== undefined && now < known.until && known.until - now <= cacheTime) return known.brands;
    const slugs = await this.#repository.load(clientId);
    const brands = this.#brands.filter((brand) => slugs.includes(everyBrand) || slugs.includes(brand));
    this.#cache.set(clientId, { brands, until: now + cacheTime });
    return brands;
  }
}

function unauthenticated(): TransportFault {
  return new TransportFault('unauthenticated', { 'www-authenticate': 'Bearer' });
}
