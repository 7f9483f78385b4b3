import { accessSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';

/** What to do is in the message. */
export class EngineMissing extends Error {}

/** The path of the dynoxide binary: the platform package's, else the one on the PATH. @throws EngineMissing */
export function findEngineBinary(): string {
  const found = inPlatformPackage() ?? onPath();
  if (found !== undefined) return found;
  throw new EngineMissing(
    'No DynamoDB engine found. On Linux x64 `npm ci` installs the package @dynoxide/linux-x64; elsewhere put ' +
      '`dynoxide` on the PATH (https://github.com/nubo-db/dynoxide), or set DYNAMODB_ENDPOINT to the URL of any ' +
      'DynamoDB Local.',
  );
}

function inPlatformPackage(): string | undefined {
  const require = createRequire(import.meta.url);
  try {
    const manifest = require.resolve(`@dynoxide/${process.platform}-${process.arch}/package.json`);
    const binary = join(dirname(manifest), 'dynoxide');
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined; // an optional dependency: absent on other platforms
  }
}

function onPath(): string | undefined {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const candidate = join(directory, 'dynoxide');
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // not here
    }
  }
  return undefined;
}
