import { type Command, Option } from 'commander';
import * as z from 'zod';
import type { Api } from '../api.ts';
import { wrongUse } from '../outcome.ts';
import { told, update } from '../update-view.ts';
import { vehicleIdOf } from '../vehicle-name.ts';
import { contextOf } from './context.ts';
import { addMove } from './vehicle-move.ts';

const updates = z.looseObject({ updates: z.array(update) });

interface Options {
  readonly retry?: string;
  readonly cancel?: string;
}

export function addVehicle(program: Command): void {
  const vehicle = program.command('vehicle').description('One vehicle');
  addMove(vehicle);
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

function changed(api: Api, vehicleId: string, campaignId: string, verb: 'retry' | 'cancel'): Promise<object> {
  if (!campaignId.startsWith('cmp-')) throw wrongUse(`--${verb} wants the id of a campaign (cmp-…).`);
  return api.post(`/v1/vehicles/${vehicleId}/updates/${campaignId}/${verb}`, undefined, update);
}
