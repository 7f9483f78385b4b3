import type { PricingPlan } from '../../sharing/prices/plan.ts';
import type { VehicleType } from '../../sharing/setup/system.ts';
import { type FeedFinding, quoted } from './feed-finding.ts';
import type { GbfsPlan, GbfsType } from './gbfs-document.ts';
import type { ShownType } from './partner-feed.ts';

/** How an operator shows a partner's type, as far as it is known. */
export interface Showing {
  readonly shown: ShownType;
  /** Ours; absent: the system has no such type any more. */
  readonly type?: VehicleType;
  /** By which the price is estimated. */
  readonly plan?: PricingPlan;
}

/** What does not fit together in a partner's types and prices, and how we show them: nothing of it leaves an asset out. */
export function typeFindings(
  types: readonly GbfsType[],
  plans: readonly GbfsPlan[] | undefined,
  showings: readonly Showing[],
): FeedFinding[] {
  const planIds = plans === undefined ? undefined : new Set(plans.map(({ plan_id }) => plan_id));
  return [
    ...types.flatMap(({ default_pricing_plan_id: id }, index): FeedFinding[] =>
      id === undefined || planIds === undefined || planIds.has(id)
        ? []
        : [
            {
              code: 'plan-dangling',
              pointer: `/vehicle_types/data/vehicle_types/${index}/default_pricing_plan_id`,
              detail: `${quoted(id)} stands in no other file`,
            },
          ],
    ),
    ...showings.flatMap((showing) => showingFindings(showing, types, plans ?? [])),
  ];
}

function showingFindings({ shown, type, plan }: Showing, types: readonly GbfsType[], plans: readonly GbfsPlan[]) {
  const index = types.findIndex(({ vehicle_type_id }) => vehicle_type_id === shown.assetTypeId);
  const theirs = types[index];
  if (theirs === undefined) {
    const detail = `has no ${quoted(shown.assetTypeId)}, which is to be shown`;
    return [{ code: 'type-missing', pointer: '/vehicle_types/data/vehicle_types', detail } satisfies FeedFinding];
  }
  const pointer = `/vehicle_types/data/vehicle_types/${index}`;
  const findings: FeedFinding[] = [];
  if (type !== undefined && type.formFactor !== theirs.form_factor) {
    const detail = `is a ${quoted(theirs.form_factor)}, and shown as "${type.formFactor}"`;
    findings.push({ code: 'type-differs', pointer: `${pointer}/form_factor`, detail });
  }
  const asked = plans.find(({ plan_id }) => plan_id === theirs.default_pricing_plan_id);
  const differs = asked === undefined || plan === undefined ? undefined : difference(asked, plan);
  if (differs !== undefined) {
    const at = asked === undefined ? -1 : plans.indexOf(asked);
    findings.push({ code: 'price-differs', pointer: `/system_pricing_plans/data/plans/${at}`, detail: differs });
  }
  return findings;
}

/** Our plan only estimates what the partner takes: whoever searches is not to be misled by it. */
function difference(theirs: GbfsPlan, ours: PricingPlan): string | undefined {
  if (theirs.currency !== ours.currency)
    return `is in ${quoted(theirs.currency)}, and the estimate in ${ours.currency}`;
  const fee = Math.round(theirs.price * 100);
  const [first] = (theirs.per_min_pricing ?? []).filter(({ interval }) => interval > 0);
  const minute = first === undefined ? 0 : Math.round((first.rate * 100) / first.interval);
  if (fee === ours.unlockFee && minute === ours.perMinute) return undefined;
  const estimate = `the estimate "${ours.planId}" takes ${ours.unlockFee} and ${ours.perMinute} a minute`;
  return `takes ${fee} and ${minute} a minute (minor units), ${estimate}`;
}
