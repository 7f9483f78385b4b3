import type { SharingReport } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { type Cancel, type Host, type Log, reasonOf } from '../host.ts';
import { Denied } from '../transport.ts';
import type { SharedBody } from './shared-body.ts';
import type { SharingMemory } from './sharing-memory.ts';
import { StatusReport } from './status-report.ts';
import type { ZonesOnBoard } from './zones-on-board.ts';

export interface SharingReportsParts {
  readonly memory: SharingMemory;
  readonly zones: ZonesOnBoard;
  readonly body: SharedBody;
  /** SPKI, base64url. */
  readonly logKey: () => string;
  readonly now: () => number;
  readonly publish: (payload: string) => Promise<void>;
  readonly host: Host;
  readonly log: Log;
}

const mostLines = 40;
const mostBytes = 90_000;
/** Milliseconds. */
const resendPause = 5000;
const refusedPause = 600_000;
const zonesPatience = 60_000;

/**
 * What the vehicle tells of sharing, one message after the other: its key, its log until the cloud has it, whom it
 * admits, and how it stands.
 */
export class SharingReports {
  private readonly parts: SharingReportsParts;
  private online = false;
  private pumping = false;
  /** Over this line: an operator may have cleared it over there. */
  private keyTold = false;
  private readonly status: StatusReport;
  private askedZones: { readonly requestId: string; readonly at: number } | undefined;
  private readonly timers = new Map<'resend' | 'status' | 'zones', Cancel>();

  constructor(parts: SharingReportsParts) {
    this.parts = parts;
    this.status = new StatusReport(parts);
  }

  connected(): void {
    this.online = true;
    this.keyTold = false;
    this.status.forget();
    this.askedZones = undefined;
    this.wake();
  }

  disconnected(): void {
    this.online = false;
    for (const cancel of this.timers.values()) cancel();
    this.timers.clear();
  }

  /** Something may have come that is to be told. */
  wake(): void {
    if (!this.pumping && this.online) void this.pump();
  }

  isAnswer(requestId: string): boolean {
    return this.askedZones?.requestId === requestId;
  }

  /** What was asked for is on board: other zones may be asked for as soon as there are some. */
  answered(): void {
    const { statement } = this.parts.memory.record;
    const known = this.parts.zones.of(statement?.systemId)?.version ?? 0;
    if (known >= (statement?.zonesVersion ?? 0)) this.askedZones = undefined;
  }

  private async pump(): Promise<void> {
    this.pumping = true;
    try {
      while (this.online && (await this.tellNext())) {}
    } catch (error) {
      if (this.online) this.parts.log(`sharing is not reported yet: ${reasonOf(error)}`);
      // What was refused will be refused again, until somebody grants it.
      this.again('resend', error instanceof Denied ? refusedPause : resendPause);
    } finally {
      this.pumping = false;
    }
  }

  /** False where there is nothing left. */
  private async tellNext(): Promise<boolean> {
    const { memory } = this.parts;
    const { issuer, unsent, owesAdmits } = memory.record;
    if (issuer === undefined) return false;
    if (!this.keyTold) {
      await this.send({ kind: 'log-key', logKey: this.parts.logKey() });
      this.keyTold = true;
    } else if (unsent.length > 0) await this.sendLog(unsent);
    else if (owesAdmits) await this.sendAdmits();
    else if (this.needsZones()) await this.askZones();
    else if (this.statusIsDue()) await this.status.tell((status) => this.send({ kind: 'status', ...status }));
    else return false;
    return true;
  }

  private async sendLog(unsent: readonly string[]): Promise<void> {
    let bytes = 0;
    const events = unsent.slice(0, mostLines).filter((line) => {
      bytes += line.length + 3;
      return bytes <= mostBytes;
    });
    await this.send({ kind: 'log', events });
    const { memory } = this.parts;
    memory.change({ unsent: memory.record.unsent.slice(events.length) });
  }

  private async sendAdmits(): Promise<void> {
    const { memory, zones, now } = this.parts;
    const { statement, minimumFence, trip } = memory.record;
    await this.send({
      kind: 'admits',
      statementVersion: statement?.version ?? 0,
      minimumFence,
      ...(trip !== undefined && { onTrip: trip.fence }),
      zonesVersion: zones.of(statement?.systemId)?.version ?? 0,
      at: now(),
    });
    // A newer statement that came meanwhile is told by itself.
    const isNewest = memory.record.statement?.version === statement?.version;
    if (isNewest && memory.record.minimumFence === minimumFence) memory.change({ owesAdmits: false });
  }

  private needsZones(): boolean {
    const { statement } = this.parts.memory.record;
    const known = this.parts.zones.of(statement?.systemId);
    if (statement === undefined || (known?.version ?? 0) >= statement.zonesVersion) return false;
    const { askedZones } = this;
    return askedZones === undefined || this.parts.host.monotonic() - askedZones.at >= zonesPatience;
  }

  private async askZones(): Promise<void> {
    const requestId = this.parts.host.newId();
    this.askedZones = { requestId, at: this.parts.host.monotonic() };
    await this.send({ kind: 'ask-zones', requestId });
    this.again('zones', zonesPatience);
  }

  private statusIsDue(): boolean {
    const ms = this.status.dueIn();
    if (ms > 0) this.again('status', ms);
    return ms === 0;
  }

  private again(what: 'resend' | 'status' | 'zones', ms: number): void {
    this.timers.get(what)?.();
    this.timers.set(
      what,
      this.parts.host.after(ms, () => this.wake()),
    );
  }

  private async send(report: SharingReport): Promise<void> {
    await this.parts.publish(JSON.stringify(report));
  }
}
