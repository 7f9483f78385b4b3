import { setTimeout as pause } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import type { Api } from '../api.ts';
import { type AtHome, atHome, told } from '../move-view.ts';
import { exitCodes, wrongUse } from '../outcome.ts';
import { vehicleIdOf } from '../vehicle-name.ts';
import { contextOf } from './context.ts';

interface Options {
  readonly to?: string;
  readonly back?: true;
  readonly watch?: true;
}

/** ms between two looks. */
const every = 2_000;

export function addMove(vehicle: Command): void {
  vehicle
    .command('move')
    .argument('<vehicle>', 'its id (veh-…) or its VIN')
    .option('--to <home>', 'to this device cloud')
    .addOption(new Option('--back', 'it stays, unless it has arrived').conflicts('to'))
    .option('--watch', 'until it is at home where it is to be: a line each step')
    .description('have it move to another device cloud; without --to and --back: how far it is')
    .action(async (name: string, options: Options, command: Command) => {
      const { terminal, api } = contextOf(command);
      const client = api();
      const vehicleId = await vehicleIdOf(client, name);
      const asked = await askedFor(client, vehicleId, options);
      const say = (seen: AtHome) => terminal.result(seen, [told(seen)]);
      say(asked);
      const last = options.watch === true ? await watched(client, asked, say) : asked;
      if (options.to !== undefined && last.move === undefined && homeOf(last) !== options.to) {
        process.exitCode = exitCodes.unwanted;
      }
    });
}

function askedFor(api: Api, vehicleId: string, { to, back }: Options): Promise<AtHome> {
  const path = `/v1/vehicles/${vehicleId}`;
  if (back === true) return api.delete(`${path}/move`, atHome);
  if (to === undefined) return api.get(path, atHome);
  if (!/^[a-z0-9-]{1,32}$/.test(to)) throw wrongUse(`"${to}" is no name of a home: small letters, digits, hyphens.`);
  return api.post(`${path}/move`, { to }, atHome);
}

/** Until it has arrived, or is not on its way any more: what is left to be done after that concerns nobody. */
async function watched(api: Api, asked: AtHome, say: (seen: AtHome) => void): Promise<AtHome> {
  let seen = asked;
  while (seen.move?.to !== undefined) {
    await pause(every);
    const next = await api.get(`/v1/vehicles/${seen.vehicleId}`, atHome);
    if (next.move?.step !== seen.move.step) say(next);
    seen = next;
  }
  return seen;
}

function homeOf({ home }: AtHome): string {
  return home?.name ?? 'first';
}
