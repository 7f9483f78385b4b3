/**
 * Verifies the Uptane repositories of somebody else, as the published test vectors lay them out, exactly as a vehicle
 * does, and says what it would install or which attack it refuses.
 *
 *     npx tsx device-sdk/examples/verify-repositories.ts vectors/001 --at 2026-01-01T00:00:00Z --ecu serial=hardware
 *
 * Each directory is a step of one vehicle's life: the next starts with what the last one left trusted. `--ecu` may
 * come again for each control unit on board. Ends with 0 where every step is verified, with 2 where one is refused.
 */
import { parseArgs } from 'node:util';
import { verifyRepositories } from '#device-sdk/ota/verification/repository-directory.ts';
import { RefusedUpdate } from '#shared/ota/uptane/attack.ts';
import type { TrustedPair } from '#shared/ota/uptane/full-verification.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { at: { type: 'string' }, ecu: { type: 'string', multiple: true } },
});
const at = values.at === undefined ? Date.now() : Date.parse(values.at);
const ecus = values.ecu?.map((text) => {
  const [ecuId = '', hardwareId = ''] = text.split('=');
  return { ecuId, hardwareId, releaseCounter: 0 };
});

let trusted: TrustedPair | undefined;
for (const directory of positionals) {
  try {
    const known = { ...(trusted === undefined ? {} : { trusted }), ...(ecus === undefined ? {} : { ecus }) };
    const result = await verifyRepositories(directory, { at, ...known });
    trusted = result.trusted;
    say({ directory, verified: true, images: result.images });
  } catch (error) {
    if (!(error instanceof RefusedUpdate)) throw error;
    say({ directory, verified: false, attack: error.attack, detail: error.detail });
    process.exitCode = 2;
  }
}

function say(outcome: object): void {
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}
