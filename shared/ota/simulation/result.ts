import type { FailureClass } from '../updates/update.ts';
import type { BillItem } from './bill.ts';
import type { CloudLoad } from './cloud-load.ts';
import type { Resource } from './consumption.ts';
import type { AllowanceUse } from './daily-allowance.ts';
import type { QuotaUse } from './quota-gauge.ts';

interface Counts {
  readonly vehicles: number;
  readonly offered: number;
  readonly accepted: number;
  /** Muted it, or stopped looking. */
  readonly muted: number;
  readonly installed: number;
  readonly failed: number;
  /** Attempts, not vehicles. */
  readonly byError: Readonly<Partial<Record<FailureClass, number>>>;
}

export interface SimulationResult extends Counts {
  readonly stopped?: { readonly atHours: number; readonly why: string };
  /** Hours from the start. */
  readonly hours: {
    readonly lastOffer: number;
    readonly halfInstalled: number | null;
    readonly mostInstalled: number | null;
    readonly lastInstalled: number | null;
  };
  /** What was wanted at peak, a second, and how long the last one waited for it. */
  readonly quotas: Readonly<Partial<Record<Resource, QuotaUse>>>;
  /** What another device cloud carried. */
  readonly messages?: AllowanceUse;
  readonly bill: readonly BillItem[];
  readonly usd: number;
  /** For each vehicle that was offered it. */
  readonly usdPerVehicle: number;
}

interface Course extends Counts {
  readonly stopped?: { readonly at: number; readonly why: string };
  readonly offeredBy: number;
  /** ms of each vehicle; nought where it never came to it. */
  readonly installedAt: Float64Array;
  readonly load: CloudLoad;
}

const hour = 3_600_000;

export function outcomeOf({ stopped, offeredBy, installedAt, load, ...counts }: Course): SimulationResult {
  const moments = installedAt.filter((at) => at > 0).sort();
  const bill = load.bill;
  const usd = bill.reduce((total, item) => total + item.usd, 0);
  return {
    ...counts,
    ...(stopped !== undefined && { stopped: { atHours: hours(stopped.at), why: stopped.why } }),
    hours: {
      lastOffer: hours(offeredBy),
      halfInstalled: quantile(moments, 0.5),
      mostInstalled: quantile(moments, 0.95),
      lastInstalled: quantile(moments, 1),
    },
    ...{ quotas: load.quotas, bill },
    ...(load.messages !== undefined && { messages: load.messages }),
    usd: Math.round(100 * usd) / 100,
    usdPerVehicle: counts.offered === 0 ? 0 : Math.round((1e6 * usd) / counts.offered) / 1e6,
  };
}

function quantile(sorted: Float64Array, share: number): number | null {
  const at = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  return at === undefined ? null : hours(at);
}

function hours(ms: number): number {
  return Math.round((100 * ms) / hour) / 100;
}
