import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { readKeyFile } from '../key-file.ts';
import { moment } from '../moment.ts';
import { wrongUse } from '../outcome.ts';
import { OfflineRepository } from '../repository.ts';
import { contextOf } from './context.ts';
import { positive } from './numbers.ts';
import { addSuccession } from './succession.ts';

interface CreateOptions {
  readonly rootKey: readonly string[];
  readonly targetsKey: readonly string[];
  readonly threshold: number;
  readonly days: number;
}

const which = () =>
  new Option('--repository <name>', 'which of the two').choices(['image', 'director']).default('image');

export function addRepository(program: Command): void {
  const repository = program
    .command('repository')
    .description(
      'The metadata that vehicles verify: the Image repository (what there is) and the Director (what to install)',
    );
  repository
    .command('create')
    .requiredOption('--root-key <file...>', 'keys that sign Root')
    .requiredOption('--targets-key <file...>', 'keys that sign what the Image repository has')
    .option('--threshold <n>', 'how many keys of a role have to sign', positive, 1)
    .option('--days <n>', 'days for which Root is good', positive, 365)
    .description('sign the first Root of both repositories, once')
    .action(async (options: CreateOptions, command: Command) => {
      const { terminal, api, stateDirectory } = contextOf(command);
      const offline = new OfflineRepository(api());
      const [root, targets] = [options.rootKey.map(readKeyFile), options.targetsKey.map(readKeyFile)];
      if (Math.min(root.length, targets.length) < options.threshold)
        throw wrongUse('There are fewer keys than the threshold.');
      const keys = { root, targets, threshold: options.threshold, days: options.days, now: Date.now() };
      const director = await offline.create('director', keys);
      const image = await offline.create('image', keys);
      // The local cloud's factory takes them from there.
      const roots = stateDirectory === undefined ? undefined : join(stateDirectory, 'uptane-roots.json');
      if (roots !== undefined && image.status === 'published') await writeRoots(offline, roots);
      const told = roots === undefined ? [] : [`${roots}: what the vehicles of this cloud trust.`];
      terminal.result({ director, image }, ['Both repositories have their first Root.', ...told]);
    });
  repository
    .command('show')
    .addOption(which())
    .description('what is published, what expires when, and what waits for signatures')
    .action(async ({ repository: name }: { repository: string }, command: Command) => {
      const { terminal, api } = contextOf(command);
      const view = await new OfflineRepository(api()).show(name);
      terminal.result(view, [
        `${name} repository; the cloud signs with ${view.onlineKey.keyId}`,
        ...view.published.map(({ role, version, expiresAt }) => `${role} ${version}, until ${moment(expiresAt)}`),
        ...view.pending.map(({ role, version, missing }) => `${role} ${version} waits for ${missing} more signatures`),
      ]);
    });
  repository
    .command('pending')
    .addOption(which())
    .option('--role <name>', 'root, targets, or a delegated role', 'targets')
    .description('the version that waits for signatures')
    .action(async ({ repository: name, role }: { repository: string; role: string }, command: Command) => {
      const { terminal, api } = contextOf(command);
      const text = await new OfflineRepository(api()).text(name, role, 'pending');
      if (text === undefined) throw wrongUse(`No version of ${role} waits for signatures.`);
      terminal.result(JSON.parse(text), [JSON.stringify(JSON.parse(text), undefined, 2)]);
    });
  addSuccession(repository);
  repository
    .command('roots')
    .requiredOption('--out <file>', 'where they are written: {"director": …, "images": …}')
    .description('the Roots of both repositories: what a factory puts into a vehicle')
    .action(async ({ out }: { out: string }, command: Command) => {
      const { terminal, api } = contextOf(command);
      await writeRoots(new OfflineRepository(api()), out);
      terminal.result({ file: out }, [out]);
    });
}

async function writeRoots(offline: OfflineRepository, file: string): Promise<void> {
  const [director, images] = await Promise.all(
    ['director', 'image'].map(async (name) => {
      const text = await offline.text(name, 'root', 'published');
      if (text !== undefined) return text;
      throw wrongUse(`The ${name} repository has no Root yet: fleetloom repository create.`);
    }),
  );
  writeFileSync(file, JSON.stringify({ director, images }));
}
