import * as z from 'zod/mini';
import type { PartnerPackage } from '#shared/partners/assets/partner-desk.ts';
import type { LegProperties } from '#shared/partners/tomp/leg.ts';
import { minorUnits } from '#shared/partners/tomp/money.ts';
import { tompPackage } from '#shared/partners/tomp/package.ts';

/** A package, or a list of one: partners differ in what they answer a question by its id with. */
export const packageAnswer = z.pipe(
  z.union([tompPackage, z.object({ packages: z.array(tompPackage).check(z.length(1)) })]),
  z.transform((answer) => ('packages' in answer ? answer.packages[0] : answer)),
);

export function partnerPackage(answer: z.output<typeof packageAnswer>): PartnerPackage {
  if (answer === undefined) throw new TypeError('A list of one package is empty');
  const { properties, features } = answer;
  const { id: packageId, status, customFields, price } = properties;
  const leg = features[0]?.properties ?? properties.legs?.[0];
  const expiresAt = instantIn(customFields?.expires);
  return {
    ...{ packageId, status },
    ...(expiresAt !== undefined && { expiresAt }),
    ...(leg !== undefined && { leg: legIn(leg) }),
    ...(price !== undefined && {
      price: {
        ...{ amount: minorUnits(price.amount), currency: price.currencyCode ?? '' },
        ...(price.taxPercentageUsed !== undefined && { taxRate: Math.round(price.taxPercentageUsed * 100) }),
        isFinal: price.estimated !== true && (status === 'ENDED' || status === 'SETTLED'),
      },
    }),
  };
}

function legIn({ id, status, specification, customFields }: LegProperties) {
  const [startedAt, endedAt] = [instantIn(specification.startTime), instantIn(specification.endTime)];
  return {
    legId: id,
    ...(status !== undefined && { status }),
    ...(startedAt !== undefined && { startedAt }),
    ...(endedAt !== undefined && { endedAt }),
    ...(customFields?.meters !== undefined && { meters: customFields.meters }),
  };
}

function instantIn(text: string | undefined): number | undefined {
  const at = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}
