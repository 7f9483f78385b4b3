import { type VehicleId, vehicleIdOf } from '../registry/vehicle-id.ts';

/** Any bytes of a text, always the same: SHA-256. At least eight of them. */
export type Digest = (text: string) => Uint8Array;

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
const halfBits = 50n;
const half = (1n << halfBits) - 1n;
const rounds = [0, 1, 2, 3];

/**
 * The vehicle that a line of an import creates: the same for the same line, so that a run after a crash finds its own
 * work. The line is not to be seen in it, and yet to be found again ({@link lineOf}): a Feistel network of four rounds
 * over the 100 bits of a vehicle id, keyed by the import. So no two lines have the same one, and of a VIN that stands
 * twice in a file the first line can be named without remembering every VIN.
 */
export function vehicleIdOfLine(digest: Digest, importId: string, line: number): VehicleId {
  let [left, right] = [0n, BigInt(line)];
  for (const round of rounds) [left, right] = [right, left ^ mixed(digest, importId, round, right)];
  return vehicleIdOf(text((left << halfBits) | right));
}

/** The line of this import that created the vehicle; undefined if none did. */
export function lineOf(digest: Digest, importId: string, vehicleId: VehicleId): number | undefined {
  const bits = [...vehicleId.slice('veh-'.length)].reduce(
    (sum, character) => (sum << 5n) | BigInt(alphabet.indexOf(character)),
    0n,
  );
  let [left, right] = [bits >> halfBits, bits & half];
  for (const round of rounds.toReversed()) [left, right] = [right ^ mixed(digest, importId, round, left), left];
  return left === 0n && right <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(right) : undefined;
}

function mixed(digest: Digest, importId: string, round: number, value: bigint): bigint {
  const bytes = digest(`${importId}/${round}/${value}`).subarray(0, 7);
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n) & half;
}

function text(bits: bigint): string {
  return Array.from({ length: 20 }, (_, index) => {
    const five = (bits >> BigInt((19 - index) * 5)) & 31n;
    return alphabet.charAt(Number(five));
  }).join('');
}
