import { type Command, Option } from 'commander';
import * as z from 'zod';
import type { Api } from '../api.ts';
import { moment } from '../moment.ts';
import { wrongUse } from '../outcome.ts';
import { readable } from '../progress.ts';
import { vehicleIdOf } from '../vehicle-name.ts';
import { contextOf } from './context.ts';

const update = z.looseObject({
  campaignId: z.string(),
  releaseId: z.string(),
  softwareVersion: z.string(),
  status: z.string(),
  attempt: z.number(),
  phase: z.string().optional(),
  percent: z.number().optional(),
  error: z.string().optional(),
  retryAt: z.string().optional(),
  safety: z.string().optional(),
  detail: z.string().optional(),
  changedAt: z.string(),
  offer: z
    .looseObject({
      texts: z.record(z.string(), z.looseObject({ title: z.string() })),
      minutes: z.number(),
      bytes: z.number(),
      preconditions: z.array(z.looseObject({ kind: z.string() })),
      state: z.looseObject({ status: z.string(), remindAt: z.string().optional(), from: z.string().optional() }),
    })
    .optional(),
});
type Update = z.infer<typeof update>;
const updates = z.looseObject({ updates: z.array(update) });

interface Options {
  readonly retry?: string;
  readonly cancel?: string;
}

export function addVehicle(program: Command): void {
  const vehicle = program.command('vehicle').description('One vehicle');
  vehicle
    .command('updates')
    .argument('<vehicle>', 'its id (veh-…) or its VIN')
    .option('--retry <campaignId>', 'have its failed update tried once more')
    .addOption(
      new Option('--cancel <campaignId>', 'take its update back, unless it is being written').conflicts('retry'),
    )
    .description('what it is offered, and what becomes of it; the newest first')
    .action(async (name: string, { retry, cancel }: Options, command: Command) => {
      const { terminal, api } = contextOf(command);
      const client = api();
      const vehicleId = await vehicleIdOf(client, name);
      if (retry !== undefined) await changed(client, vehicleId, retry, 'retry');
      if (cancel !== undefined) await changed(client, vehicleId, cancel, 'cancel');
      const found = await client.get(`/v1/vehicles/${vehicleId}/updates`, updates);
      const lines = found.updates.flatMap((it) => ['', ...told(it)]);
      terminal.result({ vehicleId, ...found }, [vehicleId, ...(lines.length === 0 ? ['There is none.'] : lines)]);
    });
}

function changed(api: Api, vehicleId: string, campaignId: string, verb: 'retry' | 'cancel'): Promise<Update> {
  if (!campaignId.startsWith('cmp-')) throw wrongUse(`--${verb} wants the id of a campaign (cmp-…).`);
  return api.post(`/v1/vehicles/${vehicleId}/updates/${campaignId}/${verb}`, undefined, update);
}

function told(it: Update): readonly string[] {
  const { campaignId, softwareVersion, status, phase, percent, error, detail, safety, retryAt, changedAt, attempt } =
    it;
  const course = phase === undefined ? '' : `, ${phase} ${percent ?? 0} %`;
  const why = error === undefined ? '' : `: ${error}${detail === undefined ? '' : `, ${detail}`}`;
  const then = retryAt === undefined ? '' : `, tried again at ${moment(retryAt)}`;
  const tries = attempt > 1 ? `, attempt ${attempt}` : '';
  return [
    `${campaignId}  ${softwareVersion}  ${status}${course}${tries}${why}${then}`,
    `  since       ${moment(changedAt)}`,
    ...(safety === undefined ? [] : [`  safety      ${safety}`]),
    ...offerLines(it),
  ];
}

function offerLines({ offer }: Update): readonly string[] {
  if (offer === undefined) return [];
  const { texts, minutes, bytes, preconditions, state } = offer;
  const title = (texts['en'] ?? Object.values(texts)[0])?.title ?? '';
  const needs = preconditions.map(({ kind }) => kind).join(', ');
  const { remindAt, from } = state;
  const when = remindAt === undefined ? '' : `, reminded at ${moment(remindAt)}`;
  const begins = from === undefined ? '' : `, from ${moment(from)} on`;
  return [
    `  offer       ${title}: ${readable(bytes)}, ${minutes} min${needs === '' ? '' : `, wants ${needs}`}`,
    `  decision    ${state.status}${when}${begins}`,
  ];
}
