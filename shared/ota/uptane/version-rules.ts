import type { Instant } from '../../kernel/clock.ts';
import { RefusedUpdate } from './attack.ts';
import { hex } from './canonical.ts';
import type { ReadFile } from './metadata-reader.ts';

/** What every role's metadata has to fulfil against what was trusted before, and against the time. */
interface Versioned {
  readonly version: number;
  readonly expiresAt: Instant;
}

/** A new Timestamp each minute for thirty years: no honest version leaps further while a vehicle is away. */
const longestLeap = 2 ** 24;
/** Where nothing is known yet: some repositories count seconds since 1970. */
const highestFirst = 2 ** 32;

/** @throws RefusedUpdate `rollback`, `fast-forward`, or `mix-and-match` where one version has two contents */
export function requireNotOlder(
  name: string,
  fresh: ReadFile<Versioned>,
  trusted: ReadFile<Versioned> | undefined,
): void {
  const version = fresh.content.version;
  if (trusted === undefined) {
    if (version > highestFirst) throw new RefusedUpdate('fast-forward', `${name} begins with version ${version}`);
    return;
  }
  const known = trusted.content.version;
  if (version < known) throw new RefusedUpdate('rollback', `${name} has version ${version}, known is ${known}`);
  if (version - known > longestLeap) {
    throw new RefusedUpdate('fast-forward', `${name} leaps from version ${known} to ${version}`);
  }
  if (version === known && hex(fresh.signedBytes) !== hex(trusted.signedBytes)) {
    throw new RefusedUpdate('mix-and-match', `${name} has two contents under version ${version}`);
  }
}

/** @throws RefusedUpdate `freeze` */
export function requireUnexpired(name: string, { content }: ReadFile<Versioned>, now: Instant): void {
  if (content.expiresAt > now) return;
  const expired = new Date(content.expiresAt).toISOString();
  throw new RefusedUpdate('freeze', `${name} with version ${content.version} expired at ${expired}`);
}
