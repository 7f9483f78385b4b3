import type { Instant } from '../kernel/clock.ts';
import type { Page, PageRequest } from '../kernel/paging.ts';
import type { AuditRecord, AuditSubject } from './audit-record.ts';

/** Where records stand. There is no way to change one or to take one out. */
export interface AuditTrail {
  /** All of them or none. A record that stands there already stays as it is. */
  append(records: readonly AuditRecord[]): Promise<void>;
}

export interface AuditQuery {
  readonly subject: AuditSubject;
  readonly from?: Instant;
  /** Without this instant itself. */
  readonly to?: Instant;
}

export interface AuditArchive {
  /** The newest first. Throws `invalid` when `page.from` is not from one of its pages. */
  records(query: AuditQuery, page: PageRequest): Promise<Page<AuditRecord>>;
}
