import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Node } from 'constructs';
import type { Quota } from '#shared/access/quota.ts';
import { type HomeSettings, homes } from './home-settings.ts';

/** A tenant of the platform. The slug stands in keys, groups and grants; the name is for people. */
export interface Brand {
  readonly slug: string;
  readonly name: string;
}

/** How long evidence of updates cannot be deleted: `governance` can be lifted on purpose, `compliance` by nobody. */
export interface EvidenceLock {
  readonly mode: 'governance' | 'compliance';
  readonly days: number;
}

/** What an operator chooses in the context of `cdk.json` (or with `--context`). */
export interface Settings {
  /** Several stages fit one account: the stage stands in every fixed name. */
  readonly stage: string;
  readonly region: string;
  readonly brands: readonly Brand[];
  /** Device clouds beside AWS IoT; none: nothing of them is deployed. */
  readonly homes: readonly HomeSettings[];
  /** The account's own device data endpoint. Absent: the region's common one, which AWS means for tests. */
  readonly iotEndpoint: string | undefined;
  /** Absent: alarms reach the topic, and nobody subscribes to it. */
  readonly alarmEmail: string | undefined;
  /** Where the sign-in of people may lead back to: the apps' own addresses, exactly. */
  readonly callbackUrls: readonly string[];
  /** What a client may ask for unless something else is written down for it. */
  readonly clientQuota: Quota;
  /** What a person may ask for. */
  readonly personQuota: Quota;
  /** Days until a history item of telemetry expires. */
  readonly historyDays: number;
  /** Days until a log line expires. */
  readonly logDays: number;
  readonly evidenceLock: EvidenceLock;
}

/**
 * UN R156 has its records kept for ten years after the last vehicle of a type was made, which nobody knows when they are
 * written: fifteen years, to be extended where production goes on. A stage for trials forgets within a week.
 */
const trialLock: EvidenceLock = { mode: 'governance', days: 7 };
const lawfulLock: EvidenceLock = { mode: 'compliance', days: 5479 };

/** Reads the context. Throws on the first value it cannot use, naming it. */
export function settingsFrom(node: Node): Settings {
  const context = (key: string): unknown => node.tryGetContext(key);
  const offered = brands(context('brands'));
  return {
    // It stands in the prefix of a Cognito domain, which may hold none of AWS's own names.
    stage: text('stage', context('stage'), /^(?!.*(?:aws|amazon|cognito))[a-z][a-z0-9]{0,11}$/),
    region: text('region', context('region'), /^[a-z]{2}(-[a-z]+)+-\d$/),
    brands: offered,
    homes: homes(context('homes'), offered),
    iotEndpoint: optional(
      'iotEndpoint',
      context('iotEndpoint'),
      /^[a-z0-9]+-ats\.iot\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/,
    ),
    alarmEmail: optional('alarmEmail', context('alarmEmail'), /^[^\s@]+@[^\s@]+$/),
    callbackUrls: callbackUrls(context('callbackUrls')),
    clientQuota: quota('clientQuota', context('clientQuota')),
    personQuota: quota('personQuota', context('personQuota')),
    historyDays: days('historyDays', context('historyDays')),
    logDays: retention(days('logDays', context('logDays'))),
    evidenceLock: evidenceLock(context('evidenceLock'), context('stage')),
  };
}

function text(key: string, value: unknown, pattern: RegExp): string {
  if (typeof value !== 'string' || !pattern.test(value)) {
    throw new Error(`Context "${key}" must match ${pattern.source}; it is ${JSON.stringify(value)}`);
  }
  return value;
}

function optional(key: string, value: unknown, pattern: RegExp): string | undefined {
  return value === undefined || value === '' ? undefined : text(key, value, pattern);
}

/** `--context clientQuota='{"rate":50,"burst":100}'` arrives as a string. */
function quota(key: string, value: unknown): Quota {
  const said: unknown = typeof value === 'string' ? JSON.parse(value) : value;
  const rate = typeof said === 'object' && said !== null && 'rate' in said ? said.rate : undefined;
  const burst = typeof said === 'object' && said !== null && 'burst' in said ? said.burst : undefined;
  if (
    typeof rate !== 'number' ||
    typeof burst !== 'number' ||
    !(rate >= 0.01 && rate <= 1e5 && burst >= 1 && burst <= 1e6)
  ) {
    throw new Error(
      `Context "${key}" must be {"rate": requests a second, "burst": requests at once}, rate 0.01 to 100000 and burst 1 to 1000000; it is ${JSON.stringify(value)}`,
    );
  }
  return { rate, burst };
}

/** `--context evidenceLock='{"mode":"compliance","days":7305}'` arrives as a string. Absent: by the stage. */
function evidenceLock(value: unknown, stage: unknown): EvidenceLock {
  if (value === undefined || value === '') return stage === 'dev' ? trialLock : lawfulLock;
  const said: unknown = typeof value === 'string' ? JSON.parse(value) : value;
  const mode = typeof said === 'object' && said !== null && 'mode' in said ? said.mode : undefined;
  const count = typeof said === 'object' && said !== null && 'days' in said ? said.days : undefined;
  const isWhole = typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= 36_000;
  if ((mode === 'governance' || mode === 'compliance') && isWhole) return { mode, days: count };
  throw new Error(
    `Context "evidenceLock" must be {"mode": "governance" or "compliance", "days": 1 to 36000}; it is ${JSON.stringify(value)}`,
  );
}

/** `--context historyDays=30` arrives as a string. */
function days(key: string, value: unknown): number {
  const count = typeof value === 'string' ? Number(value) : value;
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > 3653) {
    throw new Error(`Context "${key}" must be a whole number of days from 1 to 3653; it is ${JSON.stringify(value)}`);
  }
  return count;
}

/** CloudWatch Logs takes certain numbers of days and no other. */
function retention(count: number): number {
  if (RetentionDays[count] === undefined) {
    throw new Error(
      `Context "logDays" must be one of CloudWatch Logs' retentions (1, 3, 5, 7, 14, 30 …); it is ${count}`,
    );
  }
  return count;
}

/** `--context callbackUrls='[…]'` arrives as a string. An app's own scheme, `https`, or `http` on the developer's machine. */
function callbackUrls(value: unknown): readonly string[] {
  const list: unknown = typeof value === 'string' ? JSON.parse(value) : value;
  if (!Array.isArray(list) || list.length === 0) throw new Error('Context "callbackUrls" must be a list of URLs');
  return list.map((url) =>
    text('callbackUrls', url, /^(?:https:\/\/|http:\/\/localhost[:/]|(?!https?:)[a-z][a-z0-9+.-]*:\/\/)[^\s#]+$/),
  );
}

/** `--context brands='[…]'` arrives as a string. */
function brands(value: unknown): readonly Brand[] {
  const list: unknown = typeof value === 'string' ? JSON.parse(value) : value;
  if (!Array.isArray(list) || list.length === 0) throw new Error('Context "brands" must be a list of {slug, name}');
  const parsed = list.map(brand);
  const slugs = new Set(parsed.map(({ slug }) => slug));
  if (slugs.size < parsed.length) throw new Error('Context "brands" names a slug twice');
  return parsed;
}

function brand(value: unknown): Brand {
  if (typeof value !== 'object' || value === null) throw new Error('Context "brands" must be a list of {slug, name}');
  const slug = 'slug' in value ? value.slug : undefined;
  const name = 'name' in value ? value.name : undefined;
  return { slug: text('brands.slug', slug, /^[a-z][a-z0-9-]{0,30}$/), name: text('brands.name', name, /^\S.{0,60}$/) };
}
