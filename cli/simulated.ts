import type { QuotaUse } from '#shared/ota/simulation/quota-gauge.ts';
import type { SimulationResult } from '#shared/ota/simulation/result.ts';
import type { Scenario } from '#shared/ota/simulation/scenario.ts';
import { count, duration, vehicles } from './moment.ts';
import { readable } from './progress.ts';

const hour = 3_600_000;

/** What came of it, for people. */
export function told(scenario: Scenario, result: SimulationResult): readonly string[] {
  return [
    `${vehicles(result.vehicles)}, ${readable(scenario.bytes)} each, by the decisions that the platform takes`,
    '',
    ...course(result),
    '',
    ...quotas(result),
    '',
    ...bill(result),
  ];
}

function course(result: SimulationResult): readonly string[] {
  const { offered, accepted, muted, installed, failed, byError, stopped } = result;
  const { lastOffer, halfInstalled, mostInstalled, lastInstalled } = result.hours;
  const of = (part: number, all: number) => (all === 0 ? '' : ` (${((100 * part) / all).toFixed(1)} %)`);
  const attempts = Object.entries(byError).map(([error, how]) => `${error} ${count(how)}`);
  return [
    `  offered    ${count(offered)} within ${took(lastOffer)}`,
    `  accepted   ${count(accepted)}${of(accepted, offered)}; never wanted it: ${count(muted)}`,
    `  installed  ${count(installed)}${installed === 0 ? '' : `: half of them after ${took(halfInstalled)}, 95 % after ${took(mostInstalled)}, the last after ${took(lastInstalled)}`}`,
    `  failed     ${count(failed)} for good; attempts that failed: ${attempts.join(', ') || 'none'}`,
    ...(stopped === undefined ? [] : [`  STOPPED by itself after ${took(stopped.atHours)}: ${stopped.why}`]),
  ];
}

function took(hours: number | null): string {
  return hours === null ? 'never' : duration(hours * hour);
}

const names: Readonly<Record<string, string>> = {
  shadowOperations: 'shadow operations',
  messages: 'messages',
  registryOperations: 'changes of thing groups',
  jobReads: 'job executions read',
  jobWrites: 'job executions written',
  signatures: 'RSA signatures of KMS',
  tableWrites: 'table write units',
  downloadedBytes: 'MB downloaded',
  connections: 'connections',
  deviceSends: 'messages of vehicles',
  twinReads: 'twins read',
  twinWrites: 'twins written',
  callBytes: 'KB of direct methods',
};
const unitOf: Readonly<Record<string, number>> = { downloadedBytes: 1e6, callBytes: 1024 };

function quotas(result: SimulationResult): readonly string[] {
  const columns = ['quota', 'at peak', 'of it', 'longest wait'];
  return [
    `  ${'a second'.padEnd(26)}${columns.map((title) => title.padStart(14)).join('')}`,
    ...Object.entries(result.quotas)
      // What another device cloud takes the place of is asked for nothing.
      .filter(([, { total }]) => total > 0 || result.messages === undefined)
      .map(([resource, use]) => row(resource, use)),
    ...messages(result),
  ];
}

/** Of another device cloud, whose price is that of its units. */
function messages({ messages: carried }: SimulationResult): readonly string[] {
  if (carried === undefined) return [];
  const { total, busiestDay, allowance, longestWait } = carried;
  const wait = longestWait === 0 ? '' : `; some waited ${duration(longestWait * 1000)} for another day`;
  const day = `${count(busiestDay)} of ${count(allowance)} on the busiest day`;
  return ['', `  carried    ${count(total)} messages of 4 KB, ${day}${wait}`];
}

function row(resource: string, { quota, peak, longestWait }: QuotaUse): string {
  const unit = unitOf[resource] ?? 1;
  const part = `${((100 * peak) / quota).toFixed(0)} %`;
  const cells = [count(Math.round(quota / unit)), count(Math.round(peak / unit)), part, duration(longestWait * 1000)];
  return `  ${(names[resource] ?? resource).padEnd(26)}${cells.map((text) => text.padStart(14)).join('')}`;
}

/** The dearest first. */
function bill({ bill: items, usd, usdPerVehicle }: SimulationResult): readonly string[] {
  const sorted = items.filter((item) => item.usd > 0).sort((one, other) => other.usd - one.usd);
  const lines = sorted.map(
    (item) => `  ${item.service.padEnd(34)}${money(item.usd)}${`${((100 * item.usd) / usd).toFixed(1)} %`.padStart(9)}`,
  );
  const [dearest] = sorted;
  return [
    `  ${'USD, list prices without allowances'.padEnd(36)}`,
    ...lines,
    `  ${'together'.padEnd(34)}${money(usd)}; a vehicle that was offered it: ${usdPerVehicle.toFixed(4)}`,
    ...(dearest === undefined ? [] : [`  ${dearest.service} make ${((100 * dearest.usd) / usd).toFixed(0)} % of it.`]),
  ];
}

function money(usd: number): string {
  return usd.toLocaleString('en-GB', { minimumFractionDigits: 2, maximumFractionDigits: 2 }).padStart(12);
}
