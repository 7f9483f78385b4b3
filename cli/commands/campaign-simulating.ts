import type { Command } from 'commander';
import { type HubSize, hubAsDeviceCloud } from '#functions/adapters/azure-iot-hub/campaign-load.ts';
import type { AbortCriterion } from '#shared/ota/campaigns/abort.ts';
import type { Rate, Wave } from '#shared/ota/campaigns/schedule.ts';
import {
  type CloudQuotas,
  type NetworkProfile,
  type Scenario,
  usualScenario,
} from '#shared/ota/simulation/scenario.ts';
import { simulated } from '#shared/ota/simulation/simulation.ts';
import type { RetryPolicy } from '#shared/ota/updates/retry-policy.ts';
import { told } from '../simulated.ts';
import { contextOf } from './context.ts';
import { positive, upTo } from './numbers.ts';
import { withPace } from './plan-options.ts';
import { failure, hours, hubSize, network, quota, share } from './scenario-options.ts';

interface Options {
  readonly vehicles: number;
  readonly bytes: number;
  readonly accept: number;
  readonly mute: number;
  readonly reminders: number;
  readonly tonight: number;
  readonly seenAfter: number;
  readonly installMinutes: number;
  readonly days: number;
  readonly seed: number;
  readonly network?: readonly NetworkProfile[];
  readonly fail?: Scenario['failures'];
  readonly quota?: Partial<CloudQuotas>;
  readonly hub?: HubSize;
  readonly rate?: Rate;
  readonly growingRate?: Rate;
  readonly wave?: readonly Wave[];
  readonly abort?: readonly AbortCriterion[];
  readonly retry?: RetryPolicy['retries'];
}

const { habits, installMinutes, days, seed, networks } = usualScenario;

export function addSimulating(campaigns: Command): void {
  const usual = networks.map((one) => `${one.name}=${one.share}:${one.megabitsPerSecond}:${one.hoursPerDay}`);
  const simulate = campaigns
    .command('simulate')
    .requiredOption('--vehicles <n>', 'that it is for', upTo(20_000_000))
    .requiredOption('--bytes <n>', 'of the update, for each', upTo(1e12))
    .option('--accept <share>', 'who accept it each time that they see it', share, habits.accept)
    .option('--mute <share>', 'who mute it, of those who do not', share, habits.mute)
    .option('--reminders <n>', 'after which nobody looks any more', upTo(200), habits.reminders)
    .option('--tonight <share>', 'who have it installed at night, of those who accept', share, habits.tonight)
    .option('--seen-after <hours>', 'until it is seen, on average', hours, habits.seenAfterHours)
    .option('--network <name=share:mbitps:hours-a-day>', `again and again (default: ${usual.join(' ')})`, network)
    .option('--fail <error=share>', 'attempts that fail so, again and again', failure)
    .option('--install-minutes <n>', 'that it takes to install', positive, installMinutes)
    .option('--quota <name=n>', 'another limit a second than the usual one', quota)
    .option('--hub <sku:units>', 'an Azure IoT hub where all of them are at home, in place of AWS IoT', hubSize)
    .option('--days <n>', 'that are looked at', upTo(3650), days)
    .option('--seed <n>', 'the same seed plays the same', positive, seed)
    .description('play a whole campaign against the quotas and the price list, by the same decisions; asks no cloud');
  withPace(simulate).action((options: Options, command: Command) => {
    const { terminal } = contextOf(command);
    const scenario = scenarioOf(options);
    const began = performance.now();
    const result = simulated(scenario);
    const seconds = Math.round((performance.now() - began) / 100) / 10;
    const maxRssMb = Math.round(process.resourceUsage().maxRSS / 1024);
    terminal.result({ ...result, simulation: { scenario, seconds, maxRssMb } }, told(scenario, result));
    terminal.note(`Simulated in ${seconds} s with ${maxRssMb} MB.`);
  });
}

/** Without abort threshold where none is named: what it would have come to is what somebody asks. */
function scenarioOf(options: Options): Scenario {
  const { accept, mute, reminders, tonight, seenAfter: seenAfterHours, rate, growingRate, wave, retry } = options;
  return {
    ...usualScenario,
    ...{ vehicles: options.vehicles, bytes: options.bytes, installMinutes: options.installMinutes },
    ...{ days: options.days, seed: options.seed, habits: { accept, mute, reminders, tonight, seenAfterHours } },
    rollout: { rate: rate ?? growingRate ?? { kind: 'unlimited' }, waves: wave ?? [] },
    networks: options.network ?? networks,
    failures: options.fail ?? usualScenario.failures,
    abort: options.abort ?? [],
    retries: retry ?? usualScenario.retries,
    quotas: { ...usualScenario.quotas, ...options.quota },
    ...(options.hub !== undefined && { deviceCloud: hubAsDeviceCloud(options.hub) }),
  };
}
