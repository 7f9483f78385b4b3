import * as z from 'zod/mini';
import { planFindings } from '../prices/plan-checks.ts';
import { planContent } from '../prices/plan-order.ts';
import { zoneFindings } from '../zones/zone-checks.ts';
import { zoneOrder } from '../zones/zone-order.ts';
import { type Finding, namedTwice, onlyIf } from './finding.ts';
import { fleetOrder } from './fleet-order.ts';
import { systemFindings } from './system-checks.ts';
import { operatorContent, systemContent, systemFixture } from './system-order.ts';
import { slug } from './text.ts';

/** Everything of one city in one document: what the calls of the API say one by one. */
export const cityFile = z.strictObject({
  operator: z.strictObject({ operatorId: slug, ...operatorContent.shape }),
  system: z.strictObject({ systemId: slug, ...systemFixture.shape, ...systemContent.shape }),
  plans: z.array(planContent).check(z.minLength(1), z.maxLength(50)),
  ...zoneOrder.shape,
  /** Vehicles that are not in it are left as they are. */
  fleet: z.exactOptional(z.array(fleetOrder).check(z.maxLength(5000))),
});
export type CityFile = z.infer<typeof cityFile>;

/** Everything that is wrong with a city, by JSON pointers into its file. */
export function cityFindings(city: CityFile): Finding[] {
  const { system, plans, fleet = [] } = city;
  const planIds = plans.map(({ planId }) => planId);
  const needed = [
    ...system.vehicleTypes.map(({ planId }, index) => ({ planId, at: `/system/vehicleTypes/${index}/planId` })),
    ...fleet.map(({ planId }, index) => ({ planId, at: `/fleet/${index}/planId` })),
  ];
  return [
    ...within('/system', systemFindings(system)),
    ...namedTwice(planIds, 'plan-twice', (index) => `/plans/${index}/planId`),
    ...plans.flatMap((plan, index) => within(`/plans/${index}`, planFindings(plan, system.currency))),
    ...needed.flatMap(({ planId, at }) =>
      onlyIf(planId !== undefined && !planIds.includes(planId), 'plan-unknown', at, `There is no plan "${planId}".`),
    ),
    ...zoneFindings(city, system),
    ...fleetFindings(city),
  ];
}

function fleetFindings({ system, fleet = [] }: CityFile): Finding[] {
  const ids = fleet.flatMap(({ vehicleId }, index) => (vehicleId === undefined ? [] : [{ vehicleId, index }]));
  return [
    ...namedTwice(
      fleet.map(({ label }) => label.toUpperCase()),
      'label-twice',
      (index) => `/fleet/${index}/label`,
    ),
    ...namedTwice(
      ids.map(({ vehicleId }) => vehicleId),
      'vehicle-twice',
      (at) => `/fleet/${ids[at]?.index}/vehicleId`,
    ),
    ...fleet.flatMap(({ vehicleId, vehicleTypeId }, index) => {
      const type = system.vehicleTypes.find((one) => one.vehicleTypeId === vehicleTypeId);
      const unknown = `The system has no vehicle type "${vehicleTypeId}".`;
      const nameless = type?.formFactor === 'car' && vehicleId === undefined;
      return [
        ...onlyIf(type === undefined, 'vehicle-type-unknown', `/fleet/${index}/vehicleTypeId`, unknown),
        ...onlyIf(
          nameless,
          'registration-missing',
          `/fleet/${index}`,
          'A car is registered first, and named by its id.',
        ),
      ];
    }),
  ];
}

function within(path: string, findings: readonly Finding[]): Finding[] {
  return findings.map((one) => ({ ...one, pointer: `${path}${one.pointer}` }));
}
