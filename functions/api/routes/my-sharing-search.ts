import * as z from 'zod/mini';
import { depositOf } from '#shared/sharing/prices/bill.ts';
import { detour, pace, walkOf } from '#shared/sharing/search/distance.ts';
import type { FoundAt, FoundVehicle } from '#shared/sharing/search/near.ts';
import { isSystemId, slugPattern } from '#shared/sharing/sharing-id.ts';
import { badCursor, decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody, noHeaders } from '../route.ts';
import { as, cursorParameter, instant, integerParameter, isoTime, limitParameter, pageOf, text } from '../schemas.ts';
import { personRoute, type SharingRoute } from '../sharing-route.ts';

const formFactors = [
  ...(['car', 'bicycle', 'cargo_bicycle', 'moped', 'scooter_standing', 'scooter_seated', 'other'] as const),
] as const;
/** Ten kilometres: nobody walks farther. */
const widest = 10_000;

const systemPath = z.object({
  systemId: text(isSystemId, () => 'is no system id', {
    pattern: slugPattern.source,
    description: 'The service in one city, as its operator calls it',
  }),
});

const query = z.strictObject({
  latitude: degrees(90, 'Of the middle of the search, degrees (WGS 84)'),
  longitude: degrees(180, 'Of the middle of the search, degrees (WGS 84)'),
  radius: as(z._default(integerParameter(1, widest), 1000), { description: 'Metres as the crow flies' }),
  vehicleType: z.exactOptional(
    as(z.string().check(z.regex(slugPattern), z.maxLength(40)), { description: 'Vehicles of this type alone' }),
  ),
  formFactor: z.exactOptional(as(z.enum(formFactors), { description: 'Vehicles of this kind alone (GBFS 3.0)' })),
  minimumRange: z.exactOptional(
    as(integerParameter(0, 5_000_000), {
      description: 'Metres that it goes without being charged; what goes by muscle power goes any distance',
    }),
  ),
  maximumPerMinute: z.exactOptional(
    as(integerParameter(0, 1_000_000), {
      description: 'Most that a minute of driving may cost, in minor units (cents) of the city’s currency',
    }),
  ),
  limit: limitParameter(100, 25),
  cursor: cursorParameter,
});

const priceSchema = as(
  z.object({
    ...{ planId: z.string(), version: z.int(), name: z.string(), currency: z.string() },
    ...{ unlockFee: z.int(), perMinute: z.int(), pausePerMinute: z.int(), perKilometre: z.int() },
    includedKilometres: z.number(),
    dayCap: z.exactOptional(z.int()),
    deposit: as(z.int(), {
      description: 'Set aside before it is opened, with the price of a package; free again when the trip is paid',
    }),
    hold: as(z.object({ freeMinutes: z.int(), perMinute: z.int() }), {
      description: 'Of minutes beyond the free ones, where a trip follows',
    }),
    packages: as(
      z.array(
        z.object({
          ...{ packageId: z.string(), name: z.string(), price: z.int(), minutes: z.int(), kilometres: z.number() },
        }),
      ),
      { description: 'One of them may be named with the hold' },
    ),
  }),
  {
    id: 'SharedVehiclePrice',
    description: 'Minor units of the currency, VAT included. What counts is the version that the hold answers with.',
  },
);

const foundSchema = as(
  z.object({
    vehicleId: z.string(),
    operatorId: as(z.string(), { description: 'With whom it is held' }),
    label: as(z.string(), { description: 'What stands on it: a licence plate, a number on a frame' }),
    type: z.object({
      ...{ vehicleTypeId: z.string(), name: z.string(), formFactor: z.enum(formFactors), propulsion: z.string() },
      seats: z.int(),
    }),
    place: z.object({ latitude: z.number(), longitude: z.number() }),
    distance: as(z.int(), { description: 'Metres as the crow flies' }),
    walk: as(z.object({ meters: z.int(), minutes: z.int() }), {
      description: `An estimate without a map: ${detour} times as far as the crow flies, ${pace} metres a minute`,
    }),
    charge: z.exactOptional(as(z.number(), { description: 'Percent' })),
    rangeMeters: z.exactOptional(z.number()),
    charging: z.exactOptional(z.boolean()),
    price: priceSchema,
    provider: z.exactOptional(
      as(z.string(), {
        description: 'A partner whose vehicle it is: booked the same way, `price` is an estimate, the bill is theirs',
      }),
    ),
    seenAt: instant('When the vehicle said where it is'),
  }),
  { id: 'FoundVehicle' },
);

const foundExample = {
  ...{ vehicleId: 'veh-k3vq7n2mzt5ahx6cwp4r', operatorId: 'we-share', label: 'B-WS 1042E' },
  type: { vehicleTypeId: 'e-golf', name: 'e-Golf', formFactor: 'car', propulsion: 'electric', seats: 5 },
  ...{ place: { latitude: 52.5219, longitude: 13.4132 }, distance: 240, walk: { meters: 312, minutes: 4 } },
  ...{ charge: 81, rangeMeters: 187_000, charging: false },
  price: {
    ...{ planId: 'standard', version: 3, name: 'Standard', currency: 'EUR', unlockFee: 100, perMinute: 29 },
    ...{ pausePerMinute: 9, perKilometre: 0, includedKilometres: 0, dayCap: 5900 },
    hold: { freeMinutes: 15, perMinute: 5 },
    deposit: 3_580,
    packages: [{ packageId: 'day', name: 'A day, 150 km', price: 5490, minutes: 1440, kilometres: 150 }],
  },
  seenAt: '2026-11-21T08:28:11.000Z',
};

const searchVehicles = personRoute({
  ...{ method: 'GET', path: '/v1/me/sharing/systems/{systemId}/vehicles', operationId: 'searchSharedVehicles' },
  tag: 'Sharing',
  summary: 'Find vehicles near a place that I can hold now',
  description:
    'The nearest first. What is found is at most 30 seconds old, and whether it is still free the hold decides. Pages may overlap where vehicles come and go.',
  pathSchema: systemPath,
  querySchema: query,
  headerSchema: noHeaders,
  body: noBody,
  replies: {
    200: {
      description: 'A page of vehicles',
      schema: pageOf(foundSchema),
      example: { items: [foundExample] },
    },
  },
  problems: ['bad-cursor', 'system-not-found'],
  async handle({ path: { systemId }, query: { limit, cursor, ...asked }, person }, { search }) {
    const question = { systemId, ...asked };
    const after = positionIn(decodeCursor(question, cursor));
    const page = { limit, ...(after !== undefined && { after }) };
    const { items, next } = await search.search(systemId, searchOf(asked), page, person.personId);
    const nextCursor = next === undefined ? {} : { nextCursor: encodeCursor(question, positionText(next)) };
    return { status: 200, body: { items: items.map(viewOf), ...nextCursor } };
  },
});

export const mySharingSearchRoutes: readonly SharingRoute[] = [searchVehicles];

type Asked = Omit<z.output<typeof query>, 'limit' | 'cursor'>;

function searchOf({ latitude, longitude, vehicleType, formFactor, ...rest }: Asked) {
  return {
    near: { latitude, longitude },
    ...(vehicleType !== undefined && { vehicleTypeIds: [vehicleType] }),
    ...(formFactor !== undefined && { formFactors: [formFactor] }),
    ...rest,
  };
}

function viewOf({ vehicleId, operatorId, label, type, plan, place, distance, seenAt, uses: _, ...more }: FoundVehicle) {
  const { vehicleTypeId, name, formFactor, propulsion, seats } = type;
  return {
    ...{ vehicleId, operatorId, label, type: { vehicleTypeId, name, formFactor, propulsion, seats }, place },
    ...{ distance: Math.round(distance), walk: walkOf(distance), ...more, price: priceOf(plan) },
    seenAt: isoTime(seenAt),
  };
}

function priceOf(plan: FoundVehicle['plan']) {
  const { planId, version, name, currency, unlockFee, perMinute } = plan;
  const { pausePerMinute, perKilometre, includedKilometres, dayCap, hold, packages } = plan;
  return {
    ...{ planId, version, name, currency, unlockFee, perMinute, pausePerMinute, perKilometre, includedKilometres },
    ...(dayCap !== undefined && { dayCap }),
    ...{ hold, packages, deposit: depositOf(plan) },
  };
}

function positionText({ distance, vehicleId }: FoundAt): string {
  return `${distance} ${vehicleId}`;
}

function positionIn(position: string | undefined): FoundAt | undefined {
  if (position === undefined) return undefined;
  const [distance = '', vehicleId] = position.split(' ');
  if (vehicleId === undefined || !Number.isFinite(Number(distance))) throw badCursor();
  return { distance: Number(distance), vehicleId };
}

/** A decimal number of degrees in the query. */
function degrees(most: number, description: string) {
  const number = z.transform((value: unknown) =>
    typeof value === 'string' && /^-?\d{1,3}(\.\d{1,12})?$/.test(value) ? Number(value) : value,
  );
  return as(z.pipe(number, z.number().check(z.gte(-most), z.lte(most))), { description });
}
