import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isLoopbackAddress, isPublicAddress, type UrlRules } from '#shared/webhooks/address-rules.ts';

export type Resolve = (
  host: string,
  answer: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

/** The system's own, all addresses. */
export const systemResolve: Resolve = (host, answer) => {
  lookup(host, { all: true, verbatim: true }, (error, addresses) => answer(error, addresses ?? []));
};

export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

/**
 * A lookup that answers a socket with addresses it may connect to, and with no other: there is no second look at the
 * name between the check and the connection, in which its servers could say something else ("DNS rebinding"). One address
 * that is none of the public network spoils them all.
 */
export function checkedLookup(rules: UrlRules, resolve: Resolve): LookupFunction {
  return (host, options, callback) => {
    resolve(host, (error, addresses) => {
      const [first] = addresses;
      if (error !== null || first === undefined) {
        callback(Object.assign(error ?? new Error(`${host} has no address`), { code: 'ENOTFOUND' }), '', 0);
      } else if (addresses.some(({ address }) => !mayConnect(address, rules))) {
        callback(new AddressRefused(`${host} leads to an address that is not called`), '', 0);
      } else if (options.all === true) {
        callback(null, [...addresses]);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };
}

export function mayConnect(address: string, { allowLoopback }: UrlRules): boolean {
  return isPublicAddress(address) || (allowLoopback && isLoopbackAddress(address));
}
