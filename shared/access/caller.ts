import { Failure } from '../kernel/failure.ts';
import type { Brand } from '../registry/brand.ts';
import { type Scope, tokenScope } from './scopes.ts';

/** Who asks: an authenticated client with what it may do, and for whom. */
export interface Caller {
  readonly clientId: string;
  readonly scopes: ReadonlySet<Scope>;
  readonly brands: readonly Brand[];
}

export function requireScope(caller: Caller, scope: Scope): void {
  if (caller.scopes.has(scope)) return;
  throw new Failure('forbidden', 'scope-missing', `This needs the scope ${tokenScope(scope)}.`, {
    resolution: `Ask for a token with the scope ${tokenScope(scope)}; the client has to be allowed it.`,
  });
}

export function actsFor(caller: Caller, brand: Brand): boolean {
  return caller.brands.includes(brand);
}

/** What concerns persons, or no single vehicle, belongs to no brand: only who acts for all of them may have it. */
export function requireEveryBrand(caller: Caller, brands: readonly Brand[]): void {
  if (brands.every((brand) => actsFor(caller, brand))) return;
  throw new Failure('forbidden', 'every-brand-needed', 'This is for clients that act for every brand.');
}

export function requireBrand(caller: Caller, brand: Brand): void {
  if (actsFor(caller, brand)) return;
  throw new Failure('forbidden', 'brand-not-allowed', `This client does not act for the brand ${brand}.`);
}
