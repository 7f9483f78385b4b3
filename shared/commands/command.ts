import type { Operation } from '../access/idempotent-operation.ts';
import { sortableInstant } from '../kernel/base32.ts';
import type { Instant } from '../kernel/clock.ts';
import { Failure } from '../kernel/failure.ts';
import type { Connection } from '../registry/presence.ts';
import type { Vehicle } from '../registry/vehicle.ts';
import type { VehicleId } from '../registry/vehicle-id.ts';
import type { CommandReply, CommandRequest } from '../vehicle-cloud/envelopes.ts';
import type { CommandName } from './command-catalogue.ts';

/** Sorts by the instant it was issued. */
export type CommandId = string & { readonly commandId: unique symbol };

export const commandIdPattern = /^cmd-[0-9a-v]{9}[a-z2-7]{20}$/;

export function isCommandId(text: string): text is CommandId {
  return commandIdPattern.test(text);
}

export function commandIdOf({ operationId, startedAt }: Operation): CommandId {
  const id = `cmd-${sortableInstant(startedAt)}${operationId}`;
  if (!isCommandId(id)) throw new RangeError('An operation id is 20 base32 characters');
  return id;
}

/** accepted → sent → one of succeeded, rejected, failed, expired. The first final state stays. */
export type CommandState =
  | { readonly status: 'accepted' }
  | { readonly status: 'sent'; readonly sentAt: Instant }
  | Outcome
  /** Nobody answered in time. An answer that comes later is kept beside it and changes nothing. */
  | { readonly status: 'expired'; readonly expiredAt: Instant; readonly lateReply?: Outcome };

/** What the vehicle answered. */
export type Outcome =
  | { readonly status: 'succeeded'; readonly completedAt: Instant }
  | {
      readonly status: 'rejected' | 'failed';
      readonly completedAt: Instant;
      readonly reason: string;
      readonly detail?: string;
    };

export interface Command {
  readonly commandId: CommandId;
  readonly vehicleId: VehicleId;
  readonly name: CommandName;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The client that asked for it. */
  readonly issuedBy: string;
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
  readonly state: CommandState;
}

/** No command is for longer than this. */
export const longestLife = 900_000;

/** How long a vehicle may be gone before a command to it makes no sense: a tunnel, a change of the radio cell. */
const offlineTolerance = 10_000;

/** After expiry the cloud waits so long for an answer that is on its way. */
export const expiryGuard = 10_000;

/** Whether the vehicle can be commanded at present. */
export function isReachable(vehicle: Vehicle, { connected, since }: Connection, now: Instant): boolean {
  if (vehicle.lifeCycle.status !== 'active') return false;
  return connected || (since !== undefined && Math.abs(now - since) <= offlineTolerance);
}

const wayToActive = {
  expected: 'It becomes active by itself with its first connection.',
  provisioned: 'It becomes active by itself with its first connection.',
  suspended: 'Reactivate it first.',
  retired: 'Retirement is final.',
} as const;

/** Throws `conflict` when the vehicle cannot be commanded at present. */
export function requireReachable(vehicle: Vehicle, connection: Connection, now: Instant): void {
  if (isReachable(vehicle, connection, now)) return;
  const { status } = vehicle.lifeCycle;
  if (status !== 'active') {
    throw new Failure('conflict', `vehicle-${status}`, `The vehicle is ${status}: only an active one takes commands.`, {
      resolution: wayToActive[status],
    });
  }
  const since =
    connection.since === undefined ? 'and has never connected' : `since ${new Date(connection.since).toISOString()}`;
  throw new Failure('conflict', 'vehicle-offline', `The vehicle is offline ${since}.`, {
    resolution: 'Wait until it is connected again; what it should be is better stated in a twin.',
  });
}

export function isFinal(state: CommandState): boolean {
  return state.status !== 'accepted' && state.status !== 'sent';
}

/** Whether nothing has come of the command and nothing will. */
export function isOverdue(command: Command, now: Instant): boolean {
  return !isFinal(command.state) && now >= command.expiresAt;
}

/**
 * Whether no answer can be on its way any more. A command that was issued in a future which the clock was set back from
 * does not wait until that future comes.
 */
export function isPast({ issuedAt, expiresAt }: Command, now: Instant): boolean {
  return now >= expiresAt + expiryGuard || now < issuedAt - expiryGuard;
}

export function outcomeOf(reply: CommandReply): Outcome {
  const { status, completedAt, reason, detail } = reply;
  if (status === 'succeeded') return { status, completedAt };
  return { status, completedAt, reason: reason ?? 'unspecified', ...(detail !== undefined && { detail }) };
}

export function requestOf({ commandId, name, parameters, issuedAt, expiresAt }: Command): CommandRequest {
  return { commandId, name, parameters, issuedAt, expiresAt };
}
