import { actsFor, type Caller } from '../../access/caller.ts';
import type { Operation } from '../../access/idempotent-operation.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import { connectionOf } from '../../registry/presence.ts';
import type { PresenceRepository } from '../../registry/presence-repository.ts';
import type { Vehicle } from '../../registry/vehicle.ts';
import type { CampaignId } from '../campaigns/campaign-id.ts';
import type { UpdateRepository } from '../updates/update-repository.ts';
import type { UpdateService } from '../updates/update-service.ts';
import {
  type AssistanceCase,
  type CaseEntry,
  cancelledIn,
  closed,
  type GivenReason,
  isDone,
  isOpen,
  openedFor,
  requireOpen,
  towed,
  withEntry,
} from './case.ts';
import type { CaseId } from './case-id.ts';
import { subjectOf } from './case-id.ts';
import type { CaseRepository } from './case-repository.ts';
import { troubleOf } from './trouble.ts';

export interface CasePorts {
  readonly cases: CaseRepository;
  readonly loads: Pick<UpdateRepository, 'load'>;
  readonly updates: Pick<UpdateService, 'retry' | 'cancel'>;
  readonly presences: Pick<PresenceRepository, 'load'>;
  readonly clock: Clock;
}

/** Who does something, and as which request: the same again changes nothing. */
export interface Deal {
  readonly caller: Caller;
  readonly operation: Operation;
  readonly text?: string;
}

/** Those who look after vehicles whose update failed or fell silent. */
export class CaseService {
  readonly #ports: CasePorts;

  constructor(ports: CasePorts) {
    this.#ports = ports;
  }

  /** The open ones, the most urgent first. */
  open({ brands }: Caller, campaignId: CampaignId | undefined, page: PageRequest): Promise<Page<AssistanceCase>> {
    return this.#ports.cases.open({ brands, ...(campaignId !== undefined && { campaignId }) }, page);
  }

  /** The case, if the caller acts for its brand: for everybody else it does not exist. */
  async require(caller: Caller, caseId: CaseId): Promise<AssistanceCase> {
    const known = await this.#ports.cases.load(subjectOf(caseId));
    if (known !== undefined && actsFor(caller, known.brand)) return known;
    throw caseNotFound();
  }

  /** The case with the update that it is about, and whether the vehicle can be heard. */
  async story(caller: Caller, caseId: CaseId) {
    const one = await this.require(caller, caseId);
    const { loads, presences } = this.#ports;
    const { vehicleId, campaignId } = one;
    const [update, presence] = await Promise.all([loads.load(vehicleId, campaignId), presences.load(vehicleId)]);
    return { one, update, connection: connectionOf(presence) };
  }

  /** Somebody wants this vehicle looked at; what is open already is told so. */
  async handOver({ vehicleId, brand }: Vehicle, campaignId: CampaignId, deal: Deal): Promise<AssistanceCase> {
    const { cases, loads } = this.#ports;
    return untilSaved(async () => {
      const [update, known] = await Promise.all([
        loads.load(vehicleId, campaignId),
        cases.load({ vehicleId, campaignId }),
      ]);
      if (update === undefined) throw updateNotFound();
      if (known !== undefined && isDone(known, deal.operation.operationId)) return known;
      const entry = this.#entry('handed-over', deal);
      const trouble = troubleOf(update) ?? { kind: 'handed-over', safety: 'unknown' };
      const next =
        known === undefined
          ? openedFor(update, brand, trouble, entry)
          : isOpen(known)
            ? withEntry(known, entry)
            : withEntry(known, entry, {
                trouble,
                state: { status: 'open' },
                openedAt: entry.at,
                heard: update.version,
              });
      return (await cases.save(next, known?.version)) ? next : undefined;
    });
  }

  async retry(caseId: CaseId, deal: Deal): Promise<AssistanceCase> {
    const known = await this.require(deal.caller, caseId);
    if (isDone(known, deal.operation.operationId)) return known;
    requireOpen(known);
    const { vehicleId, campaignId, towedAt } = known;
    await this.#ports.updates.retry(vehicleId, campaignId, towedAt !== undefined);
    return this.#change(caseId, deal, (seen) => withEntry(seen, this.#entry('retried', deal)));
  }

  async cancel(caseId: CaseId, deal: Deal): Promise<AssistanceCase> {
    const known = await this.require(deal.caller, caseId);
    if (isDone(known, deal.operation.operationId)) return known;
    requireOpen(known);
    await this.#ports.updates.cancel(known.vehicleId, known.campaignId, deal.caller.clientId);
    return this.#change(caseId, deal, (seen) => cancelledIn(seen, this.#entry('cancelled', deal)));
  }

  tow(caseId: CaseId, deal: Deal): Promise<AssistanceCase> {
    return this.#change(caseId, deal, (seen) => towed(seen, this.#entry('towed', deal)));
  }

  note(caseId: CaseId, deal: Deal): Promise<AssistanceCase> {
    return this.#change(caseId, deal, (seen) => withEntry(seen, this.#entry('note', deal)));
  }

  close(caseId: CaseId, reason: GivenReason, deal: Deal): Promise<AssistanceCase> {
    return this.#change(caseId, deal, (seen) => closed(seen, this.#entry('closed', deal), reason));
  }

  #change(caseId: CaseId, deal: Deal, change: (seen: AssistanceCase) => AssistanceCase): Promise<AssistanceCase> {
    return untilSaved(async () => {
      const seen = await this.require(deal.caller, caseId);
      if (isDone(seen, deal.operation.operationId)) return seen;
      const next = change(seen);
      return next === seen || (await this.#ports.cases.save(next, seen.version)) ? next : undefined;
    });
  }

  #entry(what: CaseEntry['what'], { caller, operation, text }: Deal): CaseEntry {
    return {
      ...{ at: this.#ports.clock.now(), by: caller.clientId, what, operation: operation.operationId },
      ...(text !== undefined && { text }),
    };
  }
}

function caseNotFound(): Failure {
  return new Failure('not-found', 'case-not-found', 'There is no such case.');
}

function updateNotFound(): Failure {
  return new Failure('not-found', 'update-not-found', 'The vehicle has no such update.');
}
