import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle, functionsDirectory } from './bundle.ts';

/** Kilobytes are a thousand bytes here, the stricter reading of the promise. */
const kilobyte = 1000;

export interface BundleSize {
  readonly name: string;
  readonly bytes: number;
  readonly limit: number;
}

/**
 * Those that speak with hubs carry an SDK that is none of AWS's. Who erases a person removes them from everywhere, with the
 * clients of eight services; nobody waits for it.
 */
const limits: Readonly<Record<string, number>> = {
  api: 1000,
  // Sharing, partners, books and care: a quarter of it is the clients of DynamoDB, S3, SQS and KMS. Businesses that pay by bank
  // transfer came last.
  'sharing-api': 1060,
  'hub-asked': 1600,
  'hub-told': 1600,
  'erasure-due': 550,
};

/** What each function loads at a cold start, the largest first. */
export function bundleSizes(directory: string): readonly BundleSize[] {
  return readdirSync(directory)
    .map((name) => ({
      name,
      bytes: statSync(join(directory, name, 'index.mjs')).size,
      limit: limitOf(name) * kilobyte,
    }))
    .sort((one, other) => other.bytes - one.bytes);
}

export function tooLarge({ bytes, limit }: BundleSize): boolean {
  return bytes > limit;
}

/** In kilobytes. */
export function limitOf(name: string): number {
  return limits[name] ?? 450;
}

export function bundleSizeTable(sizes: readonly BundleSize[]): string {
  const rows = sizes.map(
    (size) =>
      `${size.name.padEnd(22)}${inKilobytes(size.bytes)} KB of ${inKilobytes(size.limit)} KB${tooLarge(size) ? '  TOO LARGE' : ''}`,
  );
  return `${rows.join('\n')}\n`;
}

function inKilobytes(bytes: number): string {
  return (bytes / kilobyte).toFixed(0).padStart(5);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (process.env['FLEETLOOM_BUNDLED'] !== '1') await bundle();
  const sizes = bundleSizes(functionsDirectory);
  process.stdout.write(bundleSizeTable(sizes));
  if (sizes.some(tooLarge)) process.exitCode = 1;
}
