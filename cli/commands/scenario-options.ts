import { InvalidArgumentError } from 'commander';
import { type HubSize, mostUnits } from '#functions/adapters/azure-iot-hub/campaign-load.ts';
import { failureClasses } from '#shared/ota/campaigns/statistics.ts';
import { type CloudQuotas, type NetworkProfile, type Scenario, usualQuotas } from '#shared/ota/simulation/scenario.ts';

type Failures = Scenario['failures'];

function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError(`"${text}" is no number above nought.`);
  }
  return value;
}

/** From 0 to 1, or in percent. */
export function share(text: string): number {
  const value = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1)) {
    throw new InvalidArgumentError(`"${text}" is no share: from 0 to 1, or 0% to 100%.`);
  }
  return value;
}

export function hours(text: string): number {
  return positiveNumber(text.replace(/h$/, ''));
}

/** `4G=60%:20:1.5` = of 60 % of the vehicles, 20 Mbit/s, an hour and a half a day. */
export function network(text: string, before: readonly NetworkProfile[] | undefined): readonly NetworkProfile[] {
  const [, name = '', ofVehicles = '', megabits = '', perDay = ''] =
    /^([^=]+)=([^:]+):([^:]+):([^:]+)$/.exec(text) ?? [];
  if (name === '') throw new InvalidArgumentError('It is NAME=SHARE:MBITPS:HOURS_A_DAY, as 4G=60%:20:1.5.');
  const hoursPerDay = hours(perDay);
  if (hoursPerDay > 24) throw new InvalidArgumentError('A day has 24 hours.');
  if ((before ?? []).length >= 200) throw new InvalidArgumentError('200 profiles are enough.');
  const one = { name, share: share(ofVehicles), megabitsPerSecond: positiveNumber(megabits), hoursPerDay };
  return [...(before ?? []), one];
}

/** `network=0.5%` */
export function failure(text: string, before: Failures | undefined): Failures {
  const [, name, probability = ''] = /^([\w-]+)=(.+)$/.exec(text) ?? [];
  const error = failureClasses.find((one) => one === name);
  if (error === undefined) throw new InvalidArgumentError(`ERROR is one of ${failureClasses.join(', ')}.`);
  return { ...before, [error]: share(probability) };
}

/** `registryOperations=200` = a second. */
export function quota(text: string, before: Partial<CloudQuotas> | undefined): Partial<CloudQuotas> {
  const [, name = '', limit = ''] = /^(\w+)=(.+)$/.exec(text) ?? [];
  const names = Object.keys(usualQuotas);
  if (!names.includes(name)) throw new InvalidArgumentError(`QUOTA is one of ${names.join(', ')}.`);
  return { ...before, [name]: positiveNumber(limit) };
}

/** `S2:3` = three units of S2. */
export function hubSize(text: string): HubSize {
  const [, name, count = '1'] = /^(S[123])(?::(\d+))?$/.exec(text) ?? [];
  const sku = (['S1', 'S2', 'S3'] as const).find((one) => one === name);
  if (sku === undefined) throw new InvalidArgumentError('It is SKU:UNITS, as S2:3, with S1, S2 or S3.');
  const units = Number(count);
  if (units < 1 || units > mostUnits[sku]) throw new InvalidArgumentError(`${sku} has 1 to ${mostUnits[sku]} units.`);
  return { sku, units };
}
