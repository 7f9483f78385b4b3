/**
 * Who a partner's customer is here: a name made of the partner's client and the partner's name for them, and of nothing
 * else. A UUID of version 8 (RFC 9562), so that it is never that of somebody who signs in, which are of version 4; of
 * another client the same name makes another one.
 */
export function personOf(clientId: string, travellerId: string, digest: (text: string) => Uint8Array): string {
  const hex = Array.from(digest(`${clientId}\n${travellerId}`).slice(0, 16), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
  const variant = (8 + (Number.parseInt(hex.charAt(16), 16) % 4)).toString(16);
  const groups = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `${variant}${hex.slice(17, 20)}`];
  return [...groups, hex.slice(20, 32)].join('-');
}

const traveller = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Whether a partner has booked for them, and pays. Not of whom was erased: nothing is said of those any more. */
export function isTraveller(personId: string): boolean {
  return traveller.test(personId);
}
