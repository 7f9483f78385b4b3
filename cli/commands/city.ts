import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import * as z from 'zod';
import { isSystemId } from '#shared/sharing/sharing-id.ts';
import type { Api } from '../api.ts';
import { type CityChange, changesTo } from '../city-changes.ts';
import { readCityFile } from '../city-file.ts';
import { type PresentCity, presentCity } from '../city-present.ts';
import { CommandFailure, exitCodes, wrongUse } from '../outcome.ts';
import { answerTo, isSomebodyThere } from '../question.ts';
import { addDay } from './city-day.ts';
import { contextOf } from './context.ts';

/** Calls at once, where they need not follow one another. */
const atOnce = 8;

export function addCity(program: Command): void {
  const city = program
    .command('city')
    .description('A sharing service in one city, from one file (docs/sharing.md), and its day (docs/field.md)');
  city
    .command('check')
    .argument('<file>', 'the city as JSON')
    .description('says everything that is wrong with it, and asks nobody')
    .action(check);
  city
    .command('apply')
    .argument('<file>', 'the city as JSON')
    .option('--yes', 'without being asked')
    .description('says what would change, and makes it so; the same again changes nothing')
    .action(apply);
  city
    .command('show')
    .argument('<file>', 'the city as JSON, or the id of its system')
    .description('what the platform has of it; with --json as a file for `city apply`')
    .action(show);
  addDay(city);
}

function check(file: string, _: object, command: Command): void {
  const { operator, system, plans, zones, fleet = [] } = readCityFile(file);
  const counts = { vehicleTypes: system.vehicleTypes.length, plans: plans.length, zones: zones.length };
  const what = Object.entries({ ...counts, vehicles: fleet.length }).map(([name, count]) => `${name} ${count}`);
  contextOf(command).terminal.result(
    { systemId: system.systemId, operatorId: operator.operatorId, ...counts, vehicles: fleet.length },
    [`${system.systemId} of ${operator.operatorId} can be set up: ${what.join(', ')}`],
  );
}

async function apply(file: string, { yes }: { readonly yes?: true }, command: Command): Promise<void> {
  const { terminal, api, again } = contextOf(command);
  const wanted = readCityFile(file);
  const client = api();
  const { systemId } = wanted.system;
  const present = await presentCity(client, systemId, wanted.operator.operatorId);
  const changes = changesTo(wanted, present);
  for (const line of left(wanted, present)) terminal.note(line);
  if (changes.length === 0) {
    terminal.result({ systemId, changes: [] }, [`${systemId} is as ${file} says.`]);
    return;
  }
  const lines = changes.flatMap(({ what, details }) => [what, ...details.map((detail) => `  ${detail}`)]);
  if (yes !== true) {
    const isAsked = isSomebodyThere() && !terminal.json;
    const would = [`${systemId} would change:`, ...lines].join('\n');
    if (!isAsked) throw new CommandFailure(exitCodes.usage, `${would}\nNothing was done. Say --yes.`, { changes });
    terminal.note(would);
    if (!['y', 'yes'].includes(await answerTo('Shall it be so? (yes/no)'))) throw wrongUse('Nothing was done.');
  }
  await carriedOut(client, changes);
  terminal.result({ systemId, changes }, [...lines, `${systemId} is as ${file} says.`]);
  terminal.note(again(`city show ${systemId}`));
}

/** One after the other; vehicles, of which there may be thousands, side by side. */
async function carriedOut(api: Api, changes: readonly CityChange[]): Promise<void> {
  const isVehicle = ({ path }: CityChange) => /\/vehicles(\/|$)/.test(path);
  const done: string[] = [];
  const carryOut = async ({ method, path, body, what }: CityChange) => {
    try {
      if (method === 'POST') await api.post(path, body, z.unknown());
      else await api.patch(path, body, z.unknown());
      done.push(what);
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      const before = done.length === 0 ? 'Nothing was done.' : `Done before: ${done.length} of ${changes.length}.`;
      const text = `${what}\n${error.message}\n${before} The same command goes on from there.`;
      throw new CommandFailure(error.exitCode, text, { ...error.details, done });
    }
  };
  for (const change of changes.filter((one) => !isVehicle(one))) await carryOut(change);
  const waiting = changes.filter(isVehicle);
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await carryOut(next);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** What the platform has and the file has not: it stays. */
function left(wanted: ReturnType<typeof readCityFile>, present: PresentCity): readonly string[] {
  const plans = present.plans.filter(({ planId }) => !wanted.plans.some((plan) => plan.planId === planId));
  const named = new Set((wanted.fleet ?? []).flatMap(({ vehicleId, label }) => [vehicleId, label.toUpperCase()]));
  const others = present.fleet.filter((one) => !named.has(one.vehicleId) && !named.has(one.label.toUpperCase()));
  return [
    ...plans.map(({ planId }) => `The plan ${planId} stays, which the file does not have.`),
    ...(others.length === 0 ? [] : [`${others.length} vehicles stay, which the file does not have.`]),
  ];
}

async function show(name: string, _: object, command: Command): Promise<void> {
  const { terminal, api } = contextOf(command);
  const systemId = existsSync(name) ? readCityFile(name).system.systemId : name;
  if (!isSystemId(systemId)) throw wrongUse(`There is no file ${name}, and it is no id of a system.`);
  const { operator, system, plans, zones, fleet } = await presentCity(api(), systemId);
  if (system === undefined || operator === undefined) {
    throw new CommandFailure(exitCodes.refused, `There is no system ${systemId} for this client.`);
  }
  const { version: operatorVersion, ...runs } = operator;
  const { version, operatorId, ...its } = system;
  // A partner's come by the partner's feed.
  const own = fleet.filter(({ speaks }) => speaks !== 'partner');
  const city = {
    ...{ operator: runs, system: its, plans: plans.map(({ version: _version, ...plan }) => plan) },
    ...{ zones: zones?.zones ?? [], globalRules: zones?.globalRules ?? [] },
    // What is none of the registry gets another id elsewhere: there its label is all that it has.
    fleet: own.map(({ vehicleId, speaks, vehicleTypeId, label, planId }) => ({
      ...(speaks === 'device' && { vehicleId }),
      ...{ vehicleTypeId, label, planId },
    })),
  };
  terminal.result(city, [
    `system ${systemId} of ${operatorId}, version ${version} (operator: version ${operatorVersion})`,
    ...plans.map((plan) => `plan ${plan.planId}, version ${plan.version}`),
    zones === undefined ? 'no zones yet' : `${zones.zones.length} zones, version ${zones.version}`,
    `${own.length} vehicles`,
  ]);
}
