import type { Consumption, Resource } from './consumption.ts';

export interface BillItem {
  readonly service: string;
  readonly units: number;
  /** List price, without free allowances and tax. */
  readonly usd: number;
}

interface Tier {
  /** Units that have this price, counted from the end of the tier before. */
  readonly upTo: number;
  readonly usd: number;
}

interface Price {
  readonly service: string;
  readonly resource: Resource;
  /** Units of the resource in one unit of the price. */
  readonly per: number;
  readonly tiers: readonly Tier[];
}

const all = Number.POSITIVE_INFINITY;
const flat = (usd: number): readonly Tier[] => [{ upTo: all, usd }];
const million = 1_000_000;
/** In GB, as CloudFront's tiers count. */
const terabyte = 1024;

/** List prices in USD, with their sources in docs/prices.md. */
const prices: readonly Price[] = [
  {
    ...{ service: 'CloudFront, bytes (Europe)', resource: 'downloadedBytes', per: 1e9 },
    tiers: [
      { upTo: 10 * terabyte, usd: 0.085 },
      { upTo: 40 * terabyte, usd: 0.08 },
      { upTo: 100 * terabyte, usd: 0.06 },
      { upTo: 350 * terabyte, usd: 0.04 },
      { upTo: 524 * terabyte, usd: 0.03 },
      { upTo: 4000 * terabyte, usd: 0.025 },
      { upTo: all, usd: 0.02 },
    ],
  },
  { service: 'CloudFront, requests', resource: 'downloadRequests', per: 10_000, tiers: flat(0.012) },
  {
    ...{ service: 'IoT Jobs, remote actions', resource: 'jobExecutions', per: 1 },
    tiers: [
      { upTo: 250_000, usd: 0.003 },
      { upTo: all, usd: 0.0015 },
    ],
  },
  { service: 'IoT Core, shadow operations', resource: 'shadowOperations', per: million, tiers: flat(1.25) },
  { service: 'IoT Core, registry operations', resource: 'registryOperations', per: million, tiers: flat(1.25) },
  { service: 'IoT Core, messages', resource: 'messages', per: million, tiers: flat(1) },
  { service: 'IoT Core, rules', resource: 'ruleTriggers', per: million, tiers: flat(0.15) },
  { service: 'IoT Core, rule actions', resource: 'ruleActions', per: million, tiers: flat(0.15) },
  { service: 'Lambda, requests', resource: 'functionRequests', per: million, tiers: flat(0.2) },
  { service: 'Lambda, GB seconds', resource: 'functionGbSeconds', per: 1, tiers: flat(0.0000133334) },
  { service: 'SQS, requests', resource: 'queueRequests', per: million, tiers: flat(0.4) },
  { service: 'EventBridge, events', resource: 'busEvents', per: million, tiers: flat(1) },
  { service: 'DynamoDB, write units', resource: 'tableWrites', per: million, tiers: flat(0.625) },
  { service: 'DynamoDB, read units', resource: 'tableReads', per: million, tiers: flat(0.125) },
  { service: 'S3, evidence written', resource: 'storedFiles', per: million, tiers: flat(5) },
  { service: 'S3, evidence read', resource: 'readFiles', per: million, tiers: flat(0.4) },
  { service: 'KMS, RSA 2048 signatures', resource: 'signatures', per: 10_000, tiers: flat(0.03) },
];

export function billOf(consumed: Consumption): readonly BillItem[] {
  return prices.map(({ service, resource, per, tiers }) => {
    const units = consumed[resource] ?? 0;
    return { service, units, usd: Math.round(100 * costOf(units / per, tiers)) / 100 };
  });
}

function costOf(units: number, tiers: readonly Tier[]): number {
  let left = units;
  let usd = 0;
  for (const tier of tiers) {
    const here = Math.min(left, tier.upTo);
    usd += here * tier.usd;
    left -= here;
  }
  return usd;
}
