import { type Asker, askerId } from '#shared/access/asker.ts';
import type { Operation } from '#shared/access/idempotent-operation.ts';
import { isPersonId } from '#shared/access/person.ts';
import { type AuditOutcome, type AuditRecord, type AuditSubject, reasonFault } from '#shared/audit/audit-record.ts';
import type { AuditTrail } from '#shared/audit/audit-trail.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import { Failure } from '#shared/kernel/failure.ts';
import { isVehicleId } from '#shared/registry/vehicle-id.ts';
import { failureOf } from './problems.ts';
import type { Reply, RouteDocument } from './route.ts';

/** Somebody asks for a change. */
export interface AuditedRequest {
  readonly route: RouteDocument;
  readonly asker: Asker;
  readonly requestId: string;
  /** The parameters of the path, as they were sent. */
  readonly path: Readonly<Record<string, string>>;
  readonly reason?: string;
}

/** Why it is asked: the header says it, or a member of the body. Throws `invalid` where the header is none. */
export function reasonOf(header: string | undefined, body: unknown): { reason?: string } {
  if (header === undefined) {
    const reason = typeof body === 'object' && body !== null && 'reason' in body ? body.reason : undefined;
    return typeof reason === 'string' && reasonFault(reason) === undefined ? { reason } : {};
  }
  const fault = reasonFault(header);
  if (fault === undefined) return { reason: header };
  throw new Failure('invalid', 'invalid-header', 'A header is not valid.', {
    errors: [{ pointer: 'X-Reason', detail: fault }],
  });
}

/** Writes down what is asked before it is done, and what came of it. */
export class Auditing {
  readonly #trail: AuditTrail;
  readonly #clock: Clock;

  constructor(trail: AuditTrail, clock: Clock) {
    this.#trail = trail;
    this.#clock = clock;
  }

  /** @param lost hears that the outcome could not be written: what is done cannot be taken back for it */
  async around(
    request: AuditedRequest,
    operation: Operation,
    run: () => Promise<Reply>,
    lost: (error: unknown) => void,
  ): Promise<Reply> {
    const { audit } = request.route;
    if (audit === undefined) return run();
    const subjects = subjectsOf(request, operation);
    const note = (outcome: AuditOutcome, more: Partial<AuditRecord>, about = subjects) =>
      this.#append(
        about.map((subject) => ({
          ...{ recordId: `${operation.operationId}-${outcome}`, at: this.#clock.now(), subject, action: audit },
          ...{ actor: actorOf(request.asker), requestId: request.requestId, outcome },
          ...(request.reason !== undefined && { reason: request.reason }),
          ...more,
        })),
      );
    await note('asked', {}).catch(refuse);
    try {
      const reply = await run();
      const location = reply.headers?.['location'];
      const more = { status: reply.status, ...(location !== undefined && { resource: location }) };
      await note('done', more, [...withVehicleOf(reply, subjects), ...(reply.about ?? [])]).catch(lost);
      return reply;
    } catch (error) {
      const failure = failureOf(error);
      const outcome = failure === undefined || failure.kind === 'unavailable' ? 'failed' : 'refused';
      await note(outcome, { problem: failure?.code ?? 'unexpected' }).catch(lost);
      throw error;
    }
  }

  /** Another transaction on the record's item is over at once, and no SDK tries again for it. The same records are the same. */
  async #append(records: readonly AuditRecord[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#trail.append(records);
      } catch (error) {
        if (attempt === 3) throw error;
      }
    }
  }
}

function refuse(cause: unknown): never {
  throw new Failure('unavailable', 'audit-unavailable', 'What was asked could not be written down: nothing was done.', {
    retryAfter: 1,
    cause,
  });
}

function actorOf(asker: Asker): AuditRecord['actor'] {
  return asker.kind === 'person' ? { kind: 'person', id: asker.personId } : { kind: 'client', id: askerId(asker) };
}

/** Whose record it is: that of the vehicle or person in the path, and of the person who asks. */
function subjectsOf({ route, asker, path }: AuditedRequest, operation: Operation): readonly AuditSubject[] {
  const { vehicleId = '', personId = '' } = path;
  const named: AuditSubject[] = [
    ...(isVehicleId(vehicleId) ? [{ kind: 'vehicle' as const, id: vehicleId }] : []),
    ...(isPersonId(personId) ? [{ kind: 'person' as const, id: personId }] : []),
    ...(asker.kind === 'person' ? [{ kind: 'person' as const, id: asker.personId }] : []),
  ];
  if (named.length > 0) return named;
  return [route.auditSubject?.(operation) ?? { kind: 'platform' }];
}

/** A code claimed, a car registered: only the answer says which vehicle it was. */
function withVehicleOf({ body }: Reply, subjects: readonly AuditSubject[]): readonly AuditSubject[] {
  const vehicleId = typeof body === 'object' && body !== null && 'vehicleId' in body ? body.vehicleId : undefined;
  if (typeof vehicleId !== 'string' || !isVehicleId(vehicleId)) return subjects;
  if (subjects.some((subject) => subject.kind === 'vehicle' && subject.id === vehicleId)) return subjects;
  return [...subjects, { kind: 'vehicle', id: vehicleId }];
}
