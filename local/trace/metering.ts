import { type UnitName, type Units, unitNames } from './hop-record.ts';

/** USD a million; from docs/prices.md, where the sources stand. Lambda's seconds are of one GB. */
const pricePerMillion: Readonly<Record<UnitName, number>> = {
  apiRequests: 1,
  iotMessages: 1,
  ruleTriggers: 0.15,
  ruleActions: 0.15,
  shadowOperations: 1.25,
  sqsRequests: 0.4,
  lambdaRequests: 0.2,
  lambdaGbSeconds: 13.3334,
  readUnits: 0.125,
  writeUnits: 0.625,
  busEvents: 1,
  jobExecutions: 3000,
};

/** AWS IoT meters messages, rules and actions by 5 KB. */
export function iotUnits(bytes: number): number {
  return metered(bytes, 5 * 1024);
}

/** Shadows and the registry: by 1 KB. */
export function shadowUnits(bytes: number): number {
  return metered(bytes, 1024);
}

/** SQS and EventBridge: by 64 KB. */
export function bulkUnits(bytes: number): number {
  return metered(bytes, 64 * 1024);
}

/** HTTP APIs: by 512 KB. */
export function apiUnits(bytes: number): number {
  return metered(bytes, 512 * 1024);
}

function metered(bytes: number, unit: number): number {
  return Math.max(1, Math.ceil(bytes / unit));
}

/** Lambda bills whole milliseconds. */
export function functionUnits(milliseconds: number, memoryMegabytes: number): Units {
  return { lambdaRequests: 1, lambdaGbSeconds: (Math.ceil(milliseconds) / 1000) * (memoryMegabytes / 1024) };
}

export function sum(all: readonly Units[]): Units {
  const total: Partial<Record<UnitName, number>> = {};
  for (const units of all) {
    for (const name of unitNames) {
      const value = units[name];
      if (value !== undefined) total[name] = (total[name] ?? 0) + value;
    }
  }
  return total;
}

export function share(units: Units, shares: number): Units {
  if (shares <= 1) return units;
  return Object.fromEntries(Object.entries(units).map(([name, value]) => [name, value / shares]));
}

/** USD for a million times these units. */
export function costOfMillion(units: Units): number {
  return unitNames.reduce((cost, name) => cost + (units[name] ?? 0) * pricePerMillion[name], 0);
}
