import { Failure } from '#shared/kernel/failure.ts';
import type { Brand } from '#shared/registry/brand.ts';
import type { Services } from './services.ts';

/** @param pointer where the request names it */
export function requireKnownBrand({ brands }: Pick<Services, 'brands'>, brand: Brand, pointer: string): void {
  if (brands.includes(brand)) return;
  throw new Failure('invalid', 'unknown-brand', `There is no brand ${brand} here.`, {
    resolution: `The brands are ${brands.join(', ')}.`,
    errors: [{ pointer, detail: 'is not one of the brands' }],
  });
}
