/** A twin's etag: a counter of eight bytes, the greatest first, in base64 (`AAAAAAAAAAE=`). */
export function twinEtag(counter: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(counter));
  return bytes.toString('base64');
}

/** An identity's etag: its counter in decimal digits, in base64. */
export function identityEtag(counter: number): string {
  return Buffer.from(String(counter)).toString('base64');
}

/** @param ifMatch as the header has it, with quotes or without; undefined and `*` match whatever there is */
export function matches(ifMatch: string | undefined, etag: string): boolean {
  const wanted = ifMatch?.replace(/^"(.*)"$/s, '$1');
  return wanted === undefined || wanted === '*' || wanted === etag;
}
