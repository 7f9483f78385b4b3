import * as z from 'zod/mini';

/** What its driver may do about an update that is offered; `park` and `drive` decide when it can be installed. */
const updateActions = ['accept', 'tonight', 'decline', 'mute', 'park', 'drive'] as const;
export type UpdateAction = (typeof updateActions)[number];

/** What can be done with a simulated car by whoever stands beside it. */
export const carActions = [
  ...(['list', 'status', 'show-code', 'rotate-certificate', 'offline', 'online'] as const),
  ...updateActions,
] as const;
export type CarAction = (typeof carActions)[number];

export function isUpdateAction(action: CarAction): action is UpdateAction {
  return updateActions.some((other) => other === action);
}

/** The simulator's socket, in the directory where the cloud keeps its state. */
export const carSocket = 'cars.sock';

/** One line of JSON. `car`: its number in the list, its vehicleId or its VIN; all but `list` need it. */
export const carRequest = z.object({ action: z.enum(carActions), car: z.optional(z.string()) });
export type CarRequest = z.infer<typeof carRequest>;

const shownCode = z.object({ code: z.string(), expiresAt: z.number() });
const update = z.object({
  /** Of the offer, in the car's language. */
  title: z.optional(z.string()),
  /** Of the offer: `offered`, `accepted` …; or the phase in which it is, or how it ended. */
  status: z.string(),
  percent: z.optional(z.number()),
  software: z.record(z.string(), z.string()),
});
const certificate = z.object({ certificateId: z.string(), expiresAt: z.number() });

/** A car as it stands there. Times in ms since the Unix epoch, km/h, percent. */
export const carView = z.object({
  number: z.int(),
  vin: z.string(),
  /** It has none before it is provisioned. */
  vehicleId: z.optional(z.string()),
  brand: z.string(),
  model: z.string(),
  /** Name of the device cloud that it calls. */
  home: z.string(),
  line: z.object({ status: z.enum(['online', 'offline']), since: z.number(), reason: z.optional(z.string()) }),
  screen: z.optional(shownCode),
  certificate: z.optional(certificate),
  /** What the screen says of its software; there once the car has taken updates. */
  update: z.optional(update),
  drive: z.object({ speed: z.number(), charge: z.number(), locked: z.boolean() }),
});
export type CarView = z.infer<typeof carView>;

/** One line of JSON. `problem` says what is wrong and what to do. */
export const carAnswer = z.union([z.object({ cars: z.array(carView) }), z.object({ problem: z.string() })]);
export type CarAnswer = z.infer<typeof carAnswer>;

/** What was asked of a car cannot be done; the message says what to do instead. */
export class CarProblem extends Error {
  override readonly name = 'CarProblem';
}
