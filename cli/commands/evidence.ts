import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import * as z from 'zod';
import type { Api } from '../api.ts';
import { CommandFailure, exitCodes, wrongUse } from '../outcome.ts';
import { readable } from '../progress.ts';
import { campaignIdArgument } from './arguments.ts';
import { contextOf } from './context.ts';

const listed = z.object({
  // It becomes a path on this machine.
  name: z.string().regex(/^updates\/[\w-]+\/[\w-]+\/\d+\.json$/),
  vehicleId: z.string(),
  bytes: z.number(),
  keptAt: z.string(),
  url: z.string(),
});
const page = z.object({ items: z.array(listed), nextCursor: z.string().optional() });
type Listed = z.infer<typeof listed>;

interface Exported {
  readonly file: string;
  readonly vehicleId: string;
  readonly keptAt: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Files that are fetched at once. */
const atOnce = 8;
/** As the API has it. */
const pageLength = '1000';

export function addEvidence(campaigns: Command): void {
  campaigns
    .command('evidence')
    .addArgument(campaignIdArgument())
    .option(
      '--out <dir>',
      'where the files go (default: evidence-<campaignId>); those that are there are not fetched again',
    )
    .description('take out the record of each vehicle’s update, for an authority or an auditor')
    .action(exportEvidence);
}

async function exportEvidence(campaignId: string, { out }: { out?: string }, command: Command): Promise<void> {
  const { terminal, api } = contextOf(command);
  const client = api();
  const directory = out ?? `evidence-${campaignId}`;
  const before = await indexed(directory, campaignId);
  const files: Exported[] = [];
  for await (const items of pagesOf(client, campaignId)) {
    await mkdir(directory, { recursive: true });
    files.push(...(await fetchAll(items, directory, before)));
    const bytes = files.reduce((sum, one) => sum + one.bytes, 0);
    terminal.note(`${files.length} records, ${readable(bytes)}`);
  }
  if (files.length > 0)
    await written(join(directory, 'index.json'), `${JSON.stringify({ campaignId, files }, null, 1)}\n`);
  const vehicles = new Set(files.map(({ vehicleId }) => vehicleId)).size;
  terminal.result({ campaignId, directory, records: files.length, vehicles }, [
    files.length === 0
      ? 'Nothing was put down yet: a record is made when an update that somebody consented to comes to its end.'
      : `${files.length} records of ${vehicles} vehicles in ${directory}; index.json names each with its SHA-256.`,
  ]);
}

async function* pagesOf(api: Api, campaignId: string): AsyncGenerator<readonly Listed[]> {
  for (let cursor: string | undefined; ; ) {
    const query = new URLSearchParams({ limit: pageLength, ...(cursor !== undefined && { cursor }) });
    const { items, nextCursor }: z.infer<typeof page> = await api.get(
      `/v1/campaigns/${campaignId}/evidence?${query}`,
      page,
    );
    if (items.length > 0) yield items;
    if (nextCursor === undefined) return;
    cursor = nextCursor;
  }
}

const indexSchema = z.object({
  campaignId: z.string(),
  files: z.array(z.object({ file: z.string(), sha256: z.string() })),
});
/** SHA-256 by file, as an export before this one has written them down. */
type Before = ReadonlyMap<string, string>;

/** @throws CommandFailure where the directory has another campaign's records: theirs may have the same names */
async function indexed(directory: string, campaignId: string): Promise<Before> {
  const text = await readFile(join(directory, 'index.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return new Map();
  const index = indexSchema.safeParse(JSON.parse(text)).data;
  if (index?.campaignId === campaignId) return new Map(index.files.map(({ file, sha256 }) => [file, sha256]));
  const whose = index === undefined ? 'something else' : `the records of ${index.campaignId}`;
  throw wrongUse(`There are ${whose} in ${directory}; name another directory with --out.`);
}

async function fetchAll(items: readonly Listed[], directory: string, before: Before): Promise<readonly Exported[]> {
  const exported: Exported[] = [];
  for (let from = 0; from < items.length; from += atOnce) {
    exported.push(
      ...(await Promise.all(items.slice(from, from + atOnce).map((item) => fetched(item, directory, before)))),
    );
  }
  return exported;
}

async function fetched(
  { name, vehicleId, bytes, keptAt, url }: Listed,
  directory: string,
  before: Before,
): Promise<Exported> {
  const [, campaignId = '', ...rest] = name.split('/');
  const file = rest.join('-');
  const path = join(directory, file);
  const there = await readFile(path).catch(() => undefined);
  // What was put down never changes: what is here is that, unless somebody has changed it here.
  const isThat =
    there?.length === bytes && there.includes(campaignId) && (before.get(file) ?? digest(there)) === digest(there);
  const content = isThat ? there : await download(url, name);
  if (content !== there) await written(path, content);
  return { file, vehicleId, keptAt, bytes, sha256: digest(content) };
}

function digest(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

async function download(url: string, name: string): Promise<Buffer> {
  const answer = await fetch(url).catch((error: unknown) => {
    throw new CommandFailure(exitCodes.fault, `${name} cannot be fetched: ${String(error)}`);
  });
  if (answer.ok) return Buffer.from(await answer.arrayBuffer());
  throw new CommandFailure(exitCodes.fault, `The storage answers ${answer.status} for ${name}.`, {
    status: answer.status,
  });
}

/** Whole, or not there. */
async function written(path: string, content: string | Uint8Array): Promise<void> {
  await writeFile(`${path}.part`, content);
  await rename(`${path}.part`, path);
}
