import * as z from 'zod/mini';
import type { Precondition, UpdateErrorClass } from '#shared/vehicle-cloud/update-envelopes.ts';

const softwareSchema = z.object({
  softwareVersion: z.string(),
  releaseCounter: z.int(),
  length: z.int(),
  sha256: z.string(),
});
const slotSchema = z.enum(['a', 'b']);
const placeSchema = z.object({ slot: slotSchema, software: softwareSchema });

const errorClasses = [
  ...(['network', 'storage', 'verification', 'precondition', 'installation', 'health', 'incompatible'] as const),
  ...(['power', 'cancelled', 'unrecovered'] as const),
] satisfies UpdateErrorClass[];

export const failureSchema = z.object({
  error: z.enum(errorClasses),
  /** One sentence for whoever assists. */
  detail: z.string(),
  ecuId: z.exactOptional(z.string()),
  attack: z.exactOptional(z.string()),
});
export type InstallationFailure = z.infer<typeof failureSchema>;

export const preconditionSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('parked') }),
  z.object({ kind: z.literal('ignition-off') }),
  z.object({ kind: z.literal('battery'), percent: z.number() }),
  z.object({ kind: z.literal('not-charging') }),
]);

/** What one unit runs now, and what it is to run. */
const plannedEcuSchema = z.object({
  ecuId: z.string(),
  serialNumber: z.string(),
  hardwareId: z.string(),
  from: placeSchema,
  to: placeSchema,
});
export type PlannedEcu = z.infer<typeof plannedEcuSchema>;

/** What is done to the whole vehicle, fixed before the first write. */
const planSchema = z.object({
  releaseId: z.string(),
  softwareVersion: z.string(),
  ecus: z.array(plannedEcuSchema),
  preconditions: z.array(preconditionSchema),
  /** Ms since the Unix epoch. */
  beganAt: z.number(),
  /** What is not done by then goes back. */
  until: z.number(),
  /** For so long the energy is reserved. */
  minutes: z.number(),
  /** Whether what runs now may be driven: a repair of a vehicle that stands has nothing to go back to. */
  fromSafe: z.boolean(),
  /** How the vehicle stood before the first write, for the record. */
  conditions: z.exactOptional(
    z.object({ parked: z.boolean(), ignitionOn: z.boolean(), battery: z.number(), charging: z.boolean() }),
  ),
  metadataIssuedAt: z.exactOptional(z.number()),
  /** By UN regulation: what the vehicle's RXSWINs are as soon as the whole set is there to stay. */
  rxswins: z.exactOptional(z.record(z.string(), z.string())),
});
export type InstallationPlan = z.infer<typeof planSchema>;

const plan = planSchema;

/** Where an installation stands; each is kept before what it names is begun. */
export const installationSchema = z.discriminatedUnion('status', [
  /** The slots that do not run are written: the old software runs. */
  z.object({ status: z.literal('writing'), plan }),
  /** The units are told to boot the new slot: from here on the sets may be mixed. */
  z.object({ status: z.literal('switching'), plan }),
  z.object({ status: z.literal('checking'), plan }),
  /** The whole set is healthy: there is no way back, and none is needed. */
  z.object({ status: z.literal('committing'), plan }),
  z.object({ status: z.literal('falling-back'), plan, failure: failureSchema }),
  z.object({ status: z.literal('installed'), plan }),
  z.object({ status: z.literal('failed'), plan, failure: failureSchema, safe: z.boolean() }),
]);
export type Installation = z.infer<typeof installationSchema>;
export type EndedInstallation = Extract<Installation, { status: 'installed' | 'failed' }>;

export type InstallationEvent =
  /** What the status names is done. */
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly failure: InstallationFailure }
  /** Something that must hold does not any more. */
  | { readonly kind: 'broken'; readonly unmet: readonly Precondition['kind'][] }
  /** The set time is over. */
  | { readonly kind: 'late' };

export function isEnded(installation: Installation): installation is EndedInstallation {
  return installation.status === 'installed' || installation.status === 'failed';
}

/** Whether there is still a way back, and so a reason to watch what must hold. */
export function isReversible({ status }: Installation): boolean {
  return status === 'writing' || status === 'switching' || status === 'checking';
}

/** What follows. What has ended stays as it ended. */
export function decide(installation: Installation, event: InstallationEvent): Installation {
  const { plan } = installation;
  switch (installation.status) {
    case 'writing':
      return event.kind === 'done' ? { status: 'switching', plan } : back(plan, event);
    case 'switching':
      return event.kind === 'done' ? { status: 'checking', plan } : back(plan, event);
    case 'checking':
      return event.kind === 'done' ? { status: 'committing', plan } : back(plan, event);
    case 'committing':
      if (event.kind === 'done') return { status: 'installed', plan };
      // Some units took the new software for good and one did not: neither set is whole.
      return event.kind === 'failed' ? stranded(plan, event.failure) : installation;
    case 'falling-back':
      if (event.kind === 'done') {
        return plan.fromSafe
          ? { status: 'failed', plan, failure: installation.failure, safe: true }
          : stranded(plan, installation.failure);
      }
      return event.kind === 'failed' ? stranded(plan, event.failure) : installation;
    case 'installed':
    case 'failed':
      return installation;
    default:
      return installation satisfies never;
  }
}

type Setback = Exclude<InstallationEvent, { kind: 'done' }>;

function back(plan: InstallationPlan, event: Setback): Installation {
  return { status: 'falling-back', plan, failure: failureOf(event) };
}

function failureOf(event: Setback): InstallationFailure {
  switch (event.kind) {
    case 'failed':
      return event.failure;
    case 'broken': {
      const detail = `During the installation this did not hold any more: ${event.unmet.join(', ')}.`;
      return { error: 'precondition', detail };
    }
    case 'late':
      return { error: 'installation', detail: 'The installation took longer than it may.' };
    default:
      return event satisfies never;
  }
}

function stranded(plan: InstallationPlan, failure: InstallationFailure): Installation {
  return { status: 'failed', plan, failure: { ...failure, error: 'unrecovered' }, safe: false };
}
