import type { Caller } from '../../access/caller.ts';
import type { Operation } from '../../access/idempotent-operation.ts';
import type { PersonId } from '../../access/person.ts';
import type { Clock } from '../../kernel/clock.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import { type SharingDoor, systemNotFound } from '../setup/acting.ts';
import { isSame } from '../setup/system-order.ts';
import type { OperatorId, SystemId } from '../sharing-id.ts';
import type { Business, Invitation, Member } from './business.ts';
import type { BusinessRepository } from './business-repository.ts';
import {
  businessCurrencyStays,
  businessKnownOtherwise,
  businessNotFound,
  invitationUnknown,
} from './ledger-refusals.ts';

export type BusinessContent = Pick<Business, 'recipient' | 'systemId' | 'costCentres' | 'paymentMethod'>;

export interface BusinessPorts {
  readonly businesses: BusinessRepository;
  readonly door: Pick<SharingDoor, 'operator' | 'system'>;
  readonly clock: Clock;
  /** One way, and the same for the same code. */
  readonly hash: (code: string) => string;
  /** 20 random base32 characters. */
  readonly newCode: () => string;
}

/** Two weeks to bring a code. */
const invitationTime = 14 * 86_400_000;

interface At {
  readonly operatorId: OperatorId;
  readonly businessId: string;
}

/** Businesses that pay for what persons drive: set up by operators, joined by persons. */
export class BusinessService {
  readonly #ports: BusinessPorts;

  constructor(ports: BusinessPorts) {
    this.#ports = ports;
  }

  /** `created` is false when the very same one was there before. */
  async create(caller: Caller, { operatorId, businessId }: At, content: BusinessContent) {
    const { businesses, door } = this.#ports;
    await door.operator(caller, operatorId);
    await this.#requireSystem(caller, operatorId, content.systemId);
    const business: Business = { operatorId, businessId, ...content, debts: [], version: 1 };
    if (await businesses.saveBusiness(business, undefined)) return { created: true, business };
    const known = await this.require(caller, { operatorId, businessId });
    if (isSame(contentOf(known), content)) return { created: false, business: known };
    throw businessKnownOtherwise(businessId);
  }

  async change(caller: Caller, at: At, changes: Partial<BusinessContent>): Promise<Business> {
    return untilSaved(async () => {
      const seen = await this.require(caller, at);
      const next: Business = { ...seen, ...changes, version: seen.version + 1 };
      await this.#requireSystem(caller, at.operatorId, next.systemId, seen.systemId);
      if (isSame(contentOf(next), contentOf(seen))) return seen;
      return (await this.#ports.businesses.saveBusiness(next, seen.version)) ? next : undefined;
    });
  }

  async require(caller: Caller, { operatorId, businessId }: At): Promise<Business> {
    await this.#ports.door.operator(caller, operatorId);
    const business = await this.#ports.businesses.business(operatorId, businessId);
    if (business === undefined) throw businessNotFound();
    return business;
  }

  async list(caller: Caller, operatorId: OperatorId, page: PageRequest): Promise<Page<Business>> {
    await this.#ports.door.operator(caller, operatorId);
    return this.#ports.businesses.businesses(operatorId, page);
  }

  async members(caller: Caller, at: At, page: PageRequest): Promise<Page<Member>> {
    await this.require(caller, at);
    return this.#ports.businesses.members(at.operatorId, at.businessId, page);
  }

  /**
   * The id of the operation would not do for a code: it stands in the audit.
   *
   * @returns the code, which is shown this once; who heard no answer asks for another one
   */
  async invite(caller: Caller, at: At, who: Pick<Invitation, 'isAdmin' | 'costCentre'>, operation: Operation) {
    await this.require(caller, at);
    const code = this.#ports.newCode();
    const expiresAt = operation.startedAt + invitationTime;
    await this.#ports.businesses.addInvitation({ ...at, ...who, codeHash: this.#ports.hash(code), expiresAt });
    return { code, expiresAt };
  }

  /** By their id, where it is known: they accept it, or not. */
  async invitePerson(caller: Caller, at: At, personId: string, who: Pick<Invitation, 'isAdmin' | 'costCentre'>) {
    await this.require(caller, at);
    return this.#member(at, personId, (seen) =>
      seen?.status === 'accepted' ? { ...seen, ...who } : { ...this.#fresh(at, personId), ...who, status: 'invited' },
    );
  }

  async remove(caller: Caller, at: At, personId: string): Promise<Member> {
    await this.require(caller, at);
    return this.#left(at, personId);
  }

  memberships(operatorId: OperatorId, personId: PersonId): Promise<readonly Member[]> {
    return this.#ports.businesses.membershipsOf(operatorId, personId);
  }

  /** With a code, which is good once. */
  async join(operatorId: OperatorId, personId: PersonId, code: string): Promise<Member> {
    const { businesses, clock, hash } = this.#ports;
    const invitation = await businesses.invitation(operatorId, hash(code));
    if (invitation === undefined) {
      throw invitationUnknown();
    }
    const { businessId, costCentre, isAdmin, expiresAt } = invitation;
    const at = { operatorId, businessId };
    const known = await businesses.member(operatorId, businessId, personId);
    if (expiresAt <= clock.now()) throw invitationUnknown();
    const next: Member = {
      ...this.#fresh(at, personId),
      ...{ isAdmin, status: 'accepted' },
      ...(costCentre !== undefined && { costCentre }),
      version: (known?.version ?? 0) + 1,
    };
    if (await businesses.saveMember(next, known?.version, invitation)) return next;
    throw invitationUnknown();
  }

  /** An invitation by name. */
  accept(at: At, personId: PersonId): Promise<Member> {
    return this.#member(at, personId, (seen) => {
      if (seen === undefined || seen.status === 'left') throw businessNotFound();
      return { ...seen, status: 'accepted' };
    });
  }

  leave(at: At, personId: PersonId): Promise<Member> {
    return this.#left(at, personId);
  }

  /** What its months are added up in stays: they may be open still. */
  async #requireSystem(caller: Caller, operatorId: OperatorId, systemId: SystemId, before?: SystemId): Promise<void> {
    if (systemId === before) return;
    const { door } = this.#ports;
    const system = await door.system(caller, systemId);
    if (system.operatorId !== operatorId) throw systemNotFound(systemId);
    if (before !== undefined && (await door.system(caller, before)).currency !== system.currency) {
      throw businessCurrencyStays();
    }
  }

  #fresh({ operatorId, businessId }: At, personId: string): Member {
    const since = this.#ports.clock.now();
    const memberId = this.#ports.hash(`${operatorId} ${businessId} ${personId}`).slice(0, 16);
    return { operatorId, businessId, personId, memberId, status: 'invited', isAdmin: false, since, version: 0 };
  }

  #left(at: At, personId: string): Promise<Member> {
    return this.#member(at, personId, (seen) => {
      if (seen === undefined) throw businessNotFound();
      return seen.status === 'left' ? seen : { ...seen, status: 'left', since: this.#ports.clock.now() };
    });
  }

  async #member(
    { operatorId, businessId }: At,
    personId: string,
    decide: (seen: Member | undefined) => Member,
  ): Promise<Member> {
    const { businesses } = this.#ports;
    return untilSaved(async () => {
      const seen = await businesses.member(operatorId, businessId, personId);
      const decided = decide(seen);
      if (decided === seen) return seen;
      const next = { ...decided, version: (seen?.version ?? 0) + 1 };
      return (await businesses.saveMember(next, seen?.version)) ? next : undefined;
    });
  }
}

function contentOf({ recipient, systemId, costCentres, paymentMethod }: Business): BusinessContent {
  const method = paymentMethod === undefined ? {} : { paymentMethod };
  return { recipient, systemId, costCentres, ...method };
}
