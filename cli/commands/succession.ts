import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import * as z from 'zod';
import type { PublicKey } from '#shared/ota/uptane/key.ts';
import { readKeyFile } from '../key-file.ts';
import { delegation, renewal, roleKeys, rotation } from '../next-version.ts';
import { wrongUse } from '../outcome.ts';
import { OfflineRepository, type Submitted } from '../repository.ts';
import { contextOf } from './context.ts';
import { positive } from './numbers.ts';

interface Common {
  readonly repository: 'image' | 'director';
  readonly key: readonly string[];
  readonly days: number;
}

const shown = z.object({ key: z.custom<PublicKey>((value) => typeof value === 'object' && value !== null) });

/** What becomes of metadata that are signed offline: renewed, signed by others, delegated. */
export function addSuccession(repository: Command): void {
  const common = (command: Command) =>
    command
      .addOption(new Option('--repository <name>', 'which').choices(['image', 'director']).default('image'))
      .requiredOption('--key <file...>', 'offline keys that sign it')
      .option('--days <n>', 'days for which it is good', positive, 365);
  common(repository.command('renew'))
    .option('--role <name>', 'root, targets, or a delegated role', 'targets')
    .description('sign the same again, for longer: before it expires')
    .action((options: Common & { role: string }, command: Command) =>
      run(command, options, options.role, () => Promise.resolve(renewal)),
    );
  common(repository.command('rotate'))
    .option('--root-key <file...>', 'who signs Root from now on')
    .option('--targets-key <file...>', 'who signs Targets from now on: renew them next')
    .option('--threshold <n>', 'how many of the new keys have to', positive, 1)
    .description('sign a Root with other keys; the keys before them and their own have to sign it (--key)')
    .action((options: Common & Rotation, command: Command) =>
      run(command, options, 'root', async (offline) => {
        const role = (name: string, files: readonly string[]) => {
          const its = files.map((file) => readKeyFile(file).publicKey);
          return roleKeys(name, its, options.threshold);
        };
        const { onlineKey } = await offline.show(options.repository);
        return rotation(onlineKey.key, {
          ...(options.rootKey === undefined ? {} : { root: role('root', options.rootKey) }),
          ...(options.targetsKey === undefined ? {} : { targets: role('targets', options.targetsKey) }),
        });
      }),
    );
  common(repository.command('delegate'))
    .argument('<name>', 'of the role: small letters, digits, hyphens')
    .requiredOption('--path <pattern...>', 'for example volkswagen/gateway/*')
    .requiredOption('--public-key <file...>', 'what `fleetloom --json keys show` printed')
    .option('--threshold <n>', 'how many of them have to sign', positive, 1)
    .description('let others vouch for some images')
    .action((name: string, options: Common & Delegation, command: Command) =>
      run(command, options, 'targets', async () =>
        delegation(name, options.path, roleKeys(name, options.publicKey.map(publicKeyIn), options.threshold)),
      ),
    );
}

interface Rotation {
  readonly rootKey?: readonly string[];
  readonly targetsKey?: readonly string[];
  readonly threshold: number;
}

interface Delegation {
  readonly path: readonly string[];
  readonly publicKey: readonly string[];
  readonly threshold: number;
}

async function run(
  command: Command,
  { repository, key, days }: Common,
  role: string,
  change: (offline: OfflineRepository) => Promise<Parameters<OfflineRepository['propose']>[2]>,
): Promise<void> {
  const { terminal, api } = contextOf(command);
  const keys = key.map(readKeyFile);
  const offline = new OfflineRepository(api());
  const until = Date.now() + days * 24 * 3_600_000;
  const submitted = await offline.propose(repository, role, await change(offline), keys, until);
  terminal.result(submitted, [told(role, submitted)]);
}

function told(role: string, submitted: Submitted): string {
  if (submitted.status === 'published') return `Version ${submitted.version} of ${role} is published.`;
  const { version, missing } = submitted.pending;
  return `Signed. Version ${version} of ${role} waits for ${missing} more signatures.`;
}

function publicKeyIn(file: string): PublicKey {
  try {
    return shown.parse(JSON.parse(readFileSync(file, 'utf8'))).key;
  } catch {
    throw wrongUse(`${file} is not what \`fleetloom --json keys show\` prints.`);
  }
}
