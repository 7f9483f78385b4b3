import * as z from 'zod/mini';
import type { Brand } from '#shared/registry/brand.ts';
import { isBrand } from '#shared/registry/brand.ts';
import { type HomeName, isHomeName } from '#shared/registry/home.ts';
import { isMarket, type Market, marketCodes } from '#shared/registry/market.ts';
import { isVehicleId, type VehicleId, vehicleIdPattern } from '#shared/registry/vehicle-id.ts';
import { isVin, type Vin, vinFault } from '#shared/registry/vin.ts';

/** What the description says of a schema whose check is code. */
export type Meta = Readonly<Record<string, unknown>>;

export const described = z.registry<Meta>();

/** A string with a meaning of its own; `fault` says what is wrong with one that is none. */
export function text<T extends string>(
  guard: (value: string) => value is T,
  fault: (value: string) => string,
  meta: Meta,
): z.ZodMiniType<T, T> {
  const schema = z.custom<T>((value) => typeof value === 'string' && guard(value), {
    error: ({ input }) =>
      typeof input === 'string' ? fault(input) : input === undefined ? 'is missing' : 'is not a string',
  });
  described.add(schema, { type: 'string', ...meta });
  return schema;
}

/** The same schema, of which the description says something else or more. */
export function as<S extends z.ZodMiniType>(schema: S, meta: Meta): S {
  const copy = schema.clone();
  described.add(copy, { ...described.get(schema), ...meta });
  return copy;
}

export const vehicleIdText = text<VehicleId>(isVehicleId, () => 'is no vehicle id', {
  pattern: vehicleIdPattern.source,
  description: 'Opaque identifier of the vehicle',
});

export const brandText = text<Brand>(isBrand, () => 'is no brand slug', {
  pattern: '^[a-z0-9]+(-[a-z0-9]+)*$',
  maxLength: 32,
  description: 'Slug of the brand',
});

export const homeText = text<HomeName>(isHomeName, () => 'is no name of a home', {
  pattern: '^[a-z0-9]+(-[a-z0-9]+)*$',
  maxLength: 32,
  description: 'A device cloud of the deployment; `first` is the one that every deployment has',
});

export const marketText = text<Market>(isMarket, () => 'is no officially assigned ISO 3166-1 alpha-2 code', {
  id: 'Market',
  enum: marketCodes,
  description: 'Country the vehicle is made for: an officially assigned ISO 3166-1 alpha-2 code',
});

export const vinText = text<Vin>(isVin, (value) => vinFault(value) ?? 'is no VIN', {
  pattern: '^[A-HJ-NPR-Z0-9]{17}$',
  description:
    'Vehicle identification number (ISO 3779); with its check digit where North America and China prescribe it',
});

// Neither control characters anywhere nor spaces at the ends.
const tidy =
  '^[^\\u0000-\\u0020\\u007f-\\u00a0]([^\\u0000-\\u001f\\u007f-\\u009f]*[^\\u0000-\\u0020\\u007f-\\u00a0])?$';
// Nor what cannot be seen and turns text around, nor what is left of bytes that were no UTF-8.
const unreadable = /[\p{Cs}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\ufffd]/u;

export const modelText = as(
  z.string().check(
    z.maxLength(64),
    z.refine(
      (value) => new RegExp(tidy).test(value) && !unreadable.test(value),
      'is empty, has spaces at its ends, or has control characters or invisible characters',
    ),
  ),
  {
    description: 'Model as the maker calls it, without spaces at its ends, control characters and invisible ones',
    minLength: 1,
  },
);

export const softwareVersionText = as(z.string().check(z.regex(/^[A-Za-z0-9_.:+-]{1,64}$/)), {
  description: 'Software of the whole vehicle, as it reported it last',
  examples: ['5.4.1'],
});

export function instant(description?: string) {
  return as(z.string(), { format: 'date-time', ...(description !== undefined && { description }) });
}

export function isoTime(at: number): string {
  return new Date(at).toISOString();
}

const longestCursor = 2048;
export const cursorParameter = z.exactOptional(
  as(z.string().check(z.minLength(1), z.maxLength(longestCursor)), {
    description: '`nextCursor` of the page before; belongs to the very same query',
  }),
);

/** A whole number in the query. */
export function integerParameter(minimum: number, maximum: number) {
  const whole = z.transform((value: unknown) =>
    typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value,
  );
  return z.pipe(whole, z.int().check(z.gte(minimum), z.lte(maximum)));
}

export function limitParameter(most: number, normally: number) {
  return as(z._default(integerParameter(1, most), normally), { description: 'Entries of a page, at most' });
}

const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

/** An instant in the query, as ISO 8601 with its offset from UTC; milliseconds afterwards. */
export function instantParameter(description: string) {
  const time = z
    .string()
    .check(
      z.refine(
        (value) => dateTime.test(value) && isDay(value.slice(0, 10)) && isInstant(Date.parse(value)),
        'is no time like 2026-11-21T08:30:00Z',
      ),
    );
  const parsed = z.pipe(
    time,
    z.transform((value: string) => Date.parse(value)),
  );
  return as(parsed, { type: 'string', format: 'date-time', description, examples: ['2026-11-21T08:30:00Z'] });
}

/** The 30th of February would silently be the 2nd of March. */
function isDay(date: string): boolean {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(midnight) && isoTime(midnight).startsWith(date);
}

function isInstant(at: number): boolean {
  return at >= 0 && at <= Date.parse('2200-01-01T00:00:00Z');
}

export function pageOf<S extends z.ZodMiniType>(items: S) {
  return z.object({
    items: z.array(items),
    nextCursor: z.exactOptional(as(z.string(), { description: 'There may be more: send it as `cursor`' })),
  });
}
