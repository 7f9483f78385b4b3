import type { Command } from 'commander';
import * as z from 'zod';
import { deltaPath, imagePath, imageSchema } from '#shared/ota/releases/ecu-image.ts';
import { isBrand } from '#shared/registry/brand.ts';
import type { Api } from '../api.ts';
import { readKeyFile } from '../key-file.ts';
import { moment } from '../moment.ts';
import type { Targets } from '../next-version.ts';
import { CommandFailure, exitCodes, wrongUse } from '../outcome.ts';
import { Progress, readable } from '../progress.ts';
import { readReleaseFile } from '../release-file.ts';
import { OfflineRepository } from '../repository.ts';
import { interruptible, put } from '../upload.ts';
import { releaseIdArgument } from './arguments.ts';
import { contextOf } from './context.ts';
import { positive } from './numbers.ts';
import { addExample } from './release-example.ts';

const release = z.looseObject({
  releaseId: z.string(),
  brand: z.string(),
  softwareVersion: z.string(),
  status: z.string(),
  approvalsMissing: z.number(),
  images: z.array(z.custom<z.infer<typeof imageSchema>>((value) => imageSchema.safeParse(value).success)),
});
type Release = z.infer<typeof release>;
const summary = z.looseObject({
  releaseId: z.string(),
  brand: z.string(),
  softwareVersion: z.string(),
  status: z.string(),
  createdAt: z.string(),
});
const page = z.object({ items: z.array(summary), nextCursor: z.string().optional() });
const upload = z.object({
  path: z.string(),
  sha256: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
});

/** Files on their way at a time. */
const atOnce = 3;

export function addRelease(program: Command): void {
  const releases = program.command('release').description('Software releases: described, uploaded, signed, approved');
  addExample(releases);
  releases
    .command('create')
    .argument('<file>', 'the release as docs/releases.md describes it; images beside it')
    .description('describe a release')
    .action(async (file: string, _: object, command: Command) => {
      const { terminal, api, again } = contextOf(command);
      const { order } = await readReleaseFile(file);
      const made = await api().post('/v1/releases', order, release);
      terminal.result(made, told(made));
      terminal.note(`Next: ${again(`release upload ${made.releaseId} ${file}`)}`);
    });
  releases
    .command('upload')
    .addArgument(releaseIdArgument())
    .argument('<file>', 'the release that it was created from')
    .description('bring what is missing of its files, and say that it is there')
    .action(async (releaseId: string, file: string, _: object, command: Command) => {
      const { terminal, api, again } = contextOf(command);
      const client = api();
      const found = await client.get(`/v1/releases/${releaseId}`, release);
      if (found.status !== 'draft' && found.status !== 'withdrawn') {
        terminal.result({ ...found, uploaded: [] }, ['All its files are there.', ...told(found)]);
        return;
      }
      const uploaded = await interruptible(() => uploadMissing(client, releaseId, file, terminal.json));
      const done = await client.post(`/v1/releases/${releaseId}/complete-upload`, undefined, release);
      terminal.result({ ...done, uploaded }, [`${uploaded.length} files uploaded`, ...told(done)]);
      terminal.note(`Next: ${again(`release sign ${releaseId} --key FILE`)}`);
    });
  releases
    .command('sign')
    .addArgument(releaseIdArgument())
    .requiredOption('--key <file...>', 'offline keys')
    .option('--role <name>', 'whose Targets: of the whole repository, or of what they delegate to', 'targets')
    .option('--days <n>', 'days for which these Targets are good', positive, 365)
    .description('vouch for its images; where more keys have to sign, whoever holds them runs the same')
    .action(sign);
  simple(releases, 'approve', 'approve it: two who have not written it have to');
  simple(releases, 'withdraw', 'withdraw it for good');
  releases
    .command('show')
    .addArgument(releaseIdArgument())
    .description('everything that is known of it')
    .action(async (releaseId: string, _: object, command: Command) => {
      const { terminal, api } = contextOf(command);
      const found = await api().get(`/v1/releases/${releaseId}`, release);
      const images = found.images.map(
        ({ ecuId, softwareVersion, releaseCounter, length }) =>
          `  ${ecuId} ${softwareVersion} (counter ${releaseCounter}), ${readable(length)}`,
      );
      terminal.result(found, [...told(found), ...images]);
    });
  releases
    .command('list')
    .option('--brand <brand>')
    .option('--limit <n>', 'the newest so many', positive, 25)
    .description('the releases, the newest first')
    .action(list);
}

interface SignOptions {
  readonly key: readonly string[];
  readonly role: string;
  readonly days: number;
}

async function sign(releaseId: string, { key, role, days }: SignOptions, command: Command): Promise<void> {
  const { terminal, api, again } = contextOf(command);
  const keys = key.map(readKeyFile);
  const client = api();
  const found = await client.get(`/v1/releases/${releaseId}`, release);
  requireSignable(found, again);
  const until = Date.now() + days * 24 * 3_600_000;
  const metadata = await new OfflineRepository(client).sign(role, targetsOf(found), keys, until);
  if (metadata.status === 'pending') {
    const { version, missing } = metadata.pending;
    terminal.result({ ...found, metadata }, [
      `Signed. Version ${version} of ${role} waits for ${missing} more signatures.`,
    ]);
    return;
  }
  const done = await client.post(`/v1/releases/${releaseId}/confirm-signatures`, undefined, release);
  const added = key.length === 1 ? 'this key added nothing' : 'these keys added nothing';
  const how = metadata.before === true ? `was published already; ${added}` : 'is published';
  terminal.result({ ...done, metadata }, [`Version ${metadata.version} of ${role} ${how}.`, ...told(done)]);
}

/** Metadata that are published stay so: nobody vouches for files that are not there, or for what nobody may get. */
function requireSignable({ releaseId, status }: Release, again: (words: string) => string): void {
  const refused = (why: string) => new CommandFailure(exitCodes.refused, why);
  if (status === 'draft')
    throw refused(`Its files are not all uploaded yet: ${again(`release upload ${releaseId} FILE`)}`);
  if (status === 'withdrawn') throw refused('The release is withdrawn, for good.');
}

async function list({ brand, limit }: { brand?: string; limit: number }, command: Command): Promise<void> {
  const { terminal, api } = contextOf(command);
  const client = api();
  const items: z.infer<typeof summary>[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined && items.length < limit; ) {
    const query = new URLSearchParams({ limit: String(Math.min(100, limit - items.length)) });
    if (brand !== undefined) query.set('brand', brand);
    if (cursor !== '') query.set('cursor', cursor);
    const read: z.infer<typeof page> = await client.get(`/v1/releases?${query}`, page);
    items.push(...read.items);
    cursor = read.nextCursor;
  }
  const lines = items.map(
    (it) => `${it.releaseId}  ${it.status.padEnd(9)}  ${it.brand}  ${it.softwareVersion}  ${moment(it.createdAt)}`,
  );
  terminal.result({ items }, lines.length === 0 ? ['There is none.'] : lines);
}

function simple(releases: Command, verb: 'approve' | 'withdraw', description: string): void {
  releases
    .command(verb)
    .addArgument(releaseIdArgument())
    .description(description)
    .action(async (releaseId: string, _: object, command: Command) => {
      const { terminal, api } = contextOf(command);
      const done = await api().post(`/v1/releases/${releaseId}/${verb}`, undefined, release);
      terminal.result(done, told(done));
    });
}

async function uploadMissing(api: Api, releaseId: string, file: string, quiet: boolean): Promise<readonly string[]> {
  const { files } = await readReleaseFile(file);
  const listed = z.object({ items: z.array(upload) });
  const { items } = await api.post(`/v1/releases/${releaseId}/uploads`, undefined, listed);
  const jobs = items.map(({ path, sha256, ...address }) => {
    const local = files.get(sha256);
    if (local === undefined)
      throw wrongUse(`${file} has no file with the hash of ${path}: it is not what the release was created from.`);
    return { path, local, address };
  });
  const progress = new Progress(quiet);
  const waiting = jobs.map((job) => ({ ...job, sent: progress.file(job.path, job.local.length) }));
  const worker = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift())
      await put(job.local, job.address, job.sent);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  progress.end();
  return jobs.map(({ path }) => path);
}

function targetsOf({ releaseId, brand, images }: Release): Targets {
  if (!isBrand(brand)) throw wrongUse(`${brand} is no brand.`);
  return Object.fromEntries(
    images.map((image) => {
      const { length, sha256, sha512, hardwareIds, releaseCounter, softwareVersion, deltas = [] } = image;
      const custom = {
        ...{ hardwareIds, releaseCounter, softwareVersion, releaseId },
        ...(deltas.length > 0 && {
          deltas: deltas.map((delta) => ({ ...delta, path: deltaPath(brand, image, delta) })),
        }),
      };
      return [imagePath(brand, image), { length, hashes: { sha256, sha512 }, custom }];
    }),
  );
}

function told({ releaseId, brand, softwareVersion, status, approvalsMissing }: Release): readonly string[] {
  const approvals = approvalsMissing === 1 ? 'approval' : 'approvals';
  const missing = status === 'signed' ? `, ${approvalsMissing} ${approvals} missing` : '';
  return [`${releaseId}: ${brand} ${softwareVersion}, ${status}${missing}`];
}
