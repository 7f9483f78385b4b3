import { systemResolve } from './checked-lookup.ts';

/** Somebody waits for the answer; a name whose servers are slow is looked at again with each call. */
const patience = 2000;

/** The addresses a name leads to now; empty where nobody knows it, or nobody says in time. */
export function knownAddresses(host: string): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve([]), patience);
    systemResolve(host, (_, addresses) => {
      clearTimeout(timer);
      resolve(addresses.map(({ address }) => address));
    });
  });
}
