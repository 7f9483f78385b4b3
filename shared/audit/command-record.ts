import { type Command, expiryGuard, isFinal } from '../commands/command.ts';
import type { Instant } from '../kernel/clock.ts';
import type { AuditActor, AuditRecord } from './audit-record.ts';

/** How a command ended; undefined while it has not. The same record however often it is asked for. */
export function commandRecord(command: Command): AuditRecord | undefined {
  const { commandId, vehicleId, state } = command;
  if (!isFinal(state)) return undefined;
  const actor: AuditActor = state.status === 'expired' ? { kind: 'platform' } : { kind: 'vehicle', id: vehicleId };
  return {
    ...{ recordId: `${commandId}-ended`, at: endOf(command), subject: { kind: 'vehicle', id: vehicleId } },
    ...{ action: `command.${state.status}`, actor, requestId: commandId },
    outcome: state.status === 'succeeded' ? 'done' : state.status === 'rejected' ? 'refused' : 'failed',
    ...('reason' in state && { problem: state.reason }),
    resource: `/v1/vehicles/${vehicleId}/commands/${commandId}`,
  };
}

/** A vehicle says itself when it was done. A clock of its own may not move the record out of the command's time. */
function endOf({ state, issuedAt, expiresAt }: Command): Instant {
  const said = 'completedAt' in state ? state.completedAt : 'expiredAt' in state ? state.expiredAt : expiresAt;
  return state.status === 'expired' ? said : Math.min(Math.max(said, issuedAt), expiresAt + expiryGuard);
}
