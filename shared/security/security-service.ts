import { type EvidenceStore, evidenceNames } from '../ota/evidence/evidence-store.ts';
import { aboutOf, type SecurityEvent, securityEventId } from './security-event.ts';

type AttackRefused = Extract<SecurityEvent, { kind: 'attack-refused' }>;

/** Takes what was refused to where it is noted; each may come twice. */
export interface SecurityDesk {
  raise(event: SecurityEvent): Promise<void>;
}

/** `SecurityEvent`, for whoever watches. */
export interface SecurityEvents {
  announce(event: SecurityEvent, eventId: string): Promise<void>;
}

export interface SecurityPorts {
  readonly store: Pick<EvidenceStore, 'add'>;
  readonly events: SecurityEvents;
  /** A vehicle has refused an attack on its software. Once of each, but for who died right behind it. */
  readonly warn: (attack: AttackRefused) => void;
  readonly sha256: (text: string) => string;
}

/** Puts each down where nobody takes it away, and tells of it. */
export class SecurityService {
  readonly #ports: SecurityPorts;

  constructor(ports: SecurityPorts) {
    this.#ports = ports;
  }

  /**
   * @param isRetried whether this very message was begun before: then it may have been put down and not told
   * @returns whether it was told
   */
  async note(event: SecurityEvent, isRetried: boolean): Promise<boolean> {
    const { store, events, warn, sha256 } = this.#ports;
    const eventId = securityEventId(event, sha256);
    const document = { ...{ format: 1, eventId }, ...event, at: new Date(event.at).toISOString() };
    const isNew = await store.add(
      evidenceNames.securityEvent(aboutOf(event), eventId),
      `${JSON.stringify(document)}\n`,
    );
    if (!isNew && !isRetried) return false;
    await events.announce(event, eventId);
    if (event.kind === 'attack-refused') warn(event);
    return true;
  }
}
