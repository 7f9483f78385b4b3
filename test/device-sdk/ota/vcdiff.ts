/**
 * A VCDIFF file (RFC 3284) that makes `target` of `source`: one window a `windowBytes`, each a copy of the same place
 * in the source where that is equal, else the bytes themselves.
 */
export function vcdiff(source: Uint8Array, target: Uint8Array, windowBytes = 4096, checksums = false): Buffer {
  const parts: Buffer[] = [Buffer.from([0xd6, 0xc3, 0xc4, 0, 0])];
  for (let at = 0; at < target.length; at += windowBytes) {
    const wanted = Buffer.from(target.subarray(at, at + windowBytes));
    const there = Buffer.from(source.subarray(at, at + wanted.length));
    const isCopy = there.equals(wanted);
    // Table 5.6 of the RFC: 1 is ADD, 19 COPY in mode 0, both with their size behind.
    const instructions = Buffer.concat([Buffer.of(isCopy ? 19 : 1), integer(wanted.length)]);
    const data = isCopy ? Buffer.alloc(0) : wanted;
    const addresses = isCopy ? integer(0) : Buffer.alloc(0);
    const body = Buffer.concat([
      integer(wanted.length),
      Buffer.of(0),
      ...[data, instructions, addresses].map(({ length }) => integer(length)),
      ...(checksums ? [Buffer.alloc(4, 7)] : []),
      ...[data, instructions, addresses],
    ]);
    const indicator = (isCopy ? 1 : 0) + (checksums ? 4 : 0);
    parts.push(
      Buffer.of(indicator),
      ...(isCopy ? [integer(wanted.length), integer(at)] : []),
      integer(body.length),
      body,
    );
  }
  return Buffer.concat(parts);
}

function integer(value: number): Buffer {
  const digits = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift((rest % 128) + 128);
  return Buffer.from(digits);
}
