import type { CityFile } from '#shared/sharing/setup/city-file.ts';
import { isSame } from '#shared/sharing/setup/system-order.ts';
import { zoneOrderOf } from '#shared/sharing/zones/zone-order.ts';
import { differences } from './city-differences.ts';
import type { PresentCity } from './city-present.ts';
import { after, stepsTo } from './city-steps.ts';
import { CommandFailure, exitCodes } from './outcome.ts';

/** One call that brings the platform nearer to what the file says. */
export interface CityChange {
  /** For people: `plan by-the-minute: a new version`. */
  readonly what: string;
  readonly details: readonly string[];
  readonly method: 'POST' | 'PATCH';
  readonly path: string;
  readonly body: object;
}

/** What has to be done, in the order in which it can be. @throws CommandFailure where the file cannot be reached */
export function changesTo(city: CityFile, present: PresentCity): readonly CityChange[] {
  return [...operatorChanges(city, present), ...ruleChanges(city, present), ...fleetChanges(city, present)];
}

/** A plan is its system's, and has to be there before another of its types names it. */
function ruleChanges(city: CityFile, present: PresentCity): CityChange[] {
  const plans = planChanges(city, present);
  if (present.system === undefined) return [...systemChanges(city, present), ...plans, ...zoneChanges(city, present)];
  const changes = [...plans];
  let seen = present;
  for (const step of stepsTo(city, present)) {
    const made = step.part === 'system' ? systemChanges(step.to, seen) : zoneChanges(step.to, seen);
    changes.push(...made.map((one) => (step.to === city ? one : { ...one, what: `${one.what}, for the moment` })));
    if (made.length > 0) seen = after(seen, step);
  }
  return changes;
}

function operatorChanges({ operator }: CityFile, present: PresentCity): CityChange[] {
  const { operatorId, ...content } = operator;
  const path = '/v1/sharing/operators';
  const what = `operator ${operatorId}`;
  if (present.operator === undefined) {
    return [{ what: `${what}: a new one`, details: [], method: 'POST', path, body: operator }];
  }
  return changed(what, `${path}/${operatorId}`, only(present.operator, content), content);
}

function systemChanges({ operator, system }: CityFile, { system: seen }: PresentCity): CityChange[] {
  const { systemId, market, currency, ...content } = system;
  const path = '/v1/sharing/systems';
  const what = `system ${systemId}`;
  const fixed = { operatorId: operator.operatorId, market, currency };
  if (seen === undefined) {
    return [{ what: `${what}: a new one`, details: [], method: 'POST', path, body: { ...system, ...fixed } }];
  }
  const others = differences(only(seen, fixed), fixed);
  if (others.length > 0) {
    const why = 'Operator, market and currency of a system stay: take another systemId for another system.';
    throw new CommandFailure(exitCodes.refused, [`${what} is another one:`, ...others, why].join('\n  '));
  }
  return changed(what, `${path}/${systemId}`, only(seen, content), content);
}

function planChanges({ system, plans }: CityFile, present: PresentCity): CityChange[] {
  return plans.flatMap((plan) => {
    const seen = present.plans.find(({ planId }) => planId === plan.planId);
    const { version, ...before } = seen ?? { version: 0 };
    if (seen !== undefined && isSame(before, plan)) return [];
    return [
      {
        what: `plan ${plan.planId}: ${seen === undefined ? 'a new one' : `version ${version + 1}, for holds from now on`}`,
        details: seen === undefined ? [] : differences(before, plan),
        ...{ method: 'POST', path: `/v1/sharing/systems/${system.systemId}/plans`, body: plan },
      },
    ];
  });
}

function zoneChanges(city: CityFile, { zones: seen }: PresentCity): CityChange[] {
  const wanted = zoneOrderOf(city);
  const before = { zones: seen?.zones ?? [], globalRules: seen?.globalRules ?? [] };
  if (seen !== undefined && isSame(before, wanted)) return [];
  const path = `/v1/sharing/systems/${city.system.systemId}/zones`;
  const body = { ...wanted, seenVersion: seen?.version ?? 0 };
  const count = `${wanted.zones.length} ${wanted.zones.length === 1 ? 'zone' : 'zones'}`;
  if (seen === undefined) return [{ what: `zones: ${count}`, details: [], method: 'POST', path, body }];
  const [old, now] = [before, wanted].map(({ zones }) => zones.map(({ zoneId }) => zoneId));
  const details = isSame(old, now) ? [] : [`order: ${old?.join(', ')} → ${now?.join(', ')}`];
  const what = `zones: version ${seen.version + 1}, ${count}`;
  return [{ what, details: [...details, ...differences(before, wanted)], method: 'POST', path, body }];
}

function fleetChanges({ system, fleet = [] }: CityFile, present: PresentCity): CityChange[] {
  const byId = new Map(present.fleet.map((one) => [one.vehicleId, one]));
  const byLabel = new Map(present.fleet.map((one) => [one.label.toUpperCase(), one]));
  return fleet.flatMap((order) => {
    const { vehicleId, label, planId, vehicleTypeId } = order;
    const seen = vehicleId === undefined ? byLabel.get(label.toUpperCase()) : byId.get(vehicleId);
    const what = `vehicle ${label}`;
    if (seen === undefined) {
      const path = `/v1/sharing/systems/${system.systemId}/vehicles`;
      return [{ what: `${what}: into service as ${vehicleTypeId}`, details: [], method: 'POST', path, body: order }];
    }
    if (seen.vehicleTypeId !== vehicleTypeId) {
      const why = `${what} is of the type ${seen.vehicleTypeId}, not ${vehicleTypeId}: decommission it first.`;
      throw new CommandFailure(exitCodes.refused, why);
    }
    const before = { label: seen.label, planId: seen.planId ?? null };
    return changed(what, `/v1/sharing/vehicles/${seen.vehicleId}`, before, { label, planId: planId ?? null });
  });
}

/** Only the members that differ are sent. */
function changed(what: string, path: string, before: object, after: object): CityChange[] {
  const seen = new Map<string, unknown>(Object.entries(before));
  const others = Object.entries(after).filter(([name, value]) => !isSame(seen.get(name), value));
  if (others.length === 0) return [];
  const body = Object.fromEntries(others);
  return [{ what: `${what}: changed`, details: differences(only(before, body), body), method: 'PATCH', path, body }];
}

/** The members that the other one has as well. */
function only(whole: object, part: object): object {
  return Object.fromEntries(Object.entries(whole).filter(([name]) => name in part));
}
