import * as z from 'zod/mini';
import type { PartnerPackage, PartnerTraveller } from '#shared/partners/assets/partner-desk.ts';
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

/** Ids come back in headers and in paths. */
export function isUsable({ packageId, leg }: PartnerPackage): boolean {
  return [packageId, leg?.legId ?? packageId].every((id) => /^[\x20-\x7e]{1,200}$/.test(id));
}

/** Whoever it was bought for is named in it, where anybody is. */
export function isForAnother(answer: z.output<typeof packageAnswer>, { id }: PartnerTraveller): boolean {
  const legs = [...(answer?.features ?? []).map(({ properties }) => properties), ...(answer?.properties.legs ?? [])];
  const named = legs.flatMap(({ travellers = [] }) => travellers);
  return named.length > 0 && !named.includes(id);
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
