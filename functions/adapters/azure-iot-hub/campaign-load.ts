import {
  type Consumption,
  consumptionOf,
  type DeviceCloud,
  type StepConsumption,
} from '#shared/ota/simulation/consumption.ts';

export type HubSku = 'S1' | 'S2' | 'S3';

/** One hub: its kind, and how many units of it. */
export interface HubSize {
  readonly sku: HubSku;
  readonly units: number;
}

/** Source: "IoT Hub quotas and throttling": of one hub. */
export const mostUnits: Readonly<Record<HubSku, number>> = { S1: 200, S2: 200, S3: 10 };

/** What a campaign asks of a hub, and what the hub takes: for `simulated`, before anybody begins. */
export function hubAsDeviceCloud(size: HubSize): DeviceCloud {
  return { consumption, quotas: throttlesOf(size), messagesPerDay: messagesPerDay[size.sku] * size.units };
}

/** USD a month, list price (docs/prices.md). */
export function hubPrice({ sku, units }: HubSize): number {
  return { S1: 25, S2: 250, S3: 2500 }[sku] * units;
}

/** Source: "Azure IoT Hub pricing": messages of 4 KB a day and unit. */
const messagesPerDay: Readonly<Record<HubSku, number>> = { S1: 400_000, S2: 6_000_000, S3: 300_000_000 };

const kilobyte = 1024;

/** A second, of the whole hub. Source: "IoT Hub quotas and throttling". */
function throttlesOf({ sku, units }: HubSize): Consumption {
  const { max } = Math;
  const lines = { S1: max(100, 12 * units), S2: 120 * units, S3: 6000 * units }[sku];
  return {
    ...{ connections: lines, deviceSends: lines },
    twinReads: { S1: 100, S2: max(100, 10 * units), S3: 500 * units }[sku],
    twinWrites: { S1: 50, S2: max(50, 5 * units), S3: 250 * units }[sku],
    callBytes: { S1: 160, S2: 480, S3: 24 * kilobyte }[sku] * kilobyte * units,
  };
}

/** Read, written, and told to the vehicle if it is connected: a message each. */
const shown: Consumption = { twinReads: 1, twinWrites: 1, carriedMessages: 3 };
const said = (count: number): Consumption => ({ deviceSends: count, carriedMessages: count });
/** Some 20 KB of metadata as a direct method, which the vehicle answers; each way in messages of 4 KB. */
const answered: Consumption = { callBytes: 24 * kilobyte, carriedMessages: 6 };
/** The vehicle's own word in its twin, and its look at whether it may still go on. */
const noted: Consumption = { twinWrites: 1, carriedMessages: 1 };
const looked: Consumption = { twinReads: 1, carriedMessages: 1 };
const woken: Consumption = { connections: 1 };

/**
 * By the calls of this folder, step by step, in place of what AWS IoT is asked there; the platform's own tables, queues
 * and functions are the same. Counted from the code, not metered.
 */
const consumption: StepConsumption = {
  enlisted: platformPart('enlisted'),
  offered: sum(platformPart('offered'), shown),
  decided: sum(platformPart('decided'), woken, said(1), shown),
  joined: sum(platformPart('joined'), shown),
  asked: sum(platformPart('asked'), woken, said(1), answered),
  downloaded: sum(platformPart('downloaded'), said(5)),
  dragged: platformPart('dragged'),
  began: sum(platformPart('began'), said(1), noted, looked),
  /** The offer is taken back, and the release with it. */
  installed: sum(platformPart('installed'), said(7), noted, shown, shown),
  failed: sum(platformPart('failed'), said(4), noted, shown, shown),
};

function platformPart(step: keyof StepConsumption): Consumption {
  const whole: Consumption = consumptionOf[step];
  const { shadowOperations, messages, registryOperations, jobExecutions, jobReads, jobWrites, ...rest } = whole;
  const { ruleTriggers, ruleActions, ...platform } = rest;
  return platform;
}

function sum(...parts: readonly Consumption[]): Consumption {
  const total = new Map<string, number>();
  for (const part of parts) {
    for (const [resource, units] of Object.entries(part)) total.set(resource, (total.get(resource) ?? 0) + units);
  }
  return Object.fromEntries(total);
}
