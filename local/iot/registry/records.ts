import type { LocalClock } from '#local/clock.ts';
import type { Collection, State } from '#local/state/collection.ts';
import type { Instant } from '#shared/kernel/clock.ts';
import type { CertificateStatus } from '../broker/principals.ts';
import type { Arns } from './arns.ts';

export type Attributes = Readonly<Record<string, string>>;

export interface ThingRecord {
  readonly thingName: string;
  readonly thingId: string;
  readonly thingTypeName?: string;
  readonly attributes: Attributes;
  readonly version: number;
  readonly groups: readonly string[];
}

export interface ThingTypeRecord {
  readonly thingTypeName: string;
  readonly thingTypeId: string;
  readonly description?: string;
  readonly searchableAttributes: readonly string[];
  readonly createdAt: Instant;
  readonly deprecatedAt?: Instant;
}

export interface ThingGroupRecord {
  readonly thingGroupName: string;
  readonly thingGroupId: string;
  readonly parentGroupName?: string;
  readonly description?: string;
  readonly attributes: Attributes;
  readonly version: number;
  readonly createdAt: Instant;
  /** Names of the policies attached to the group. */
  readonly policies: readonly string[];
}

export interface CertificateRecord {
  readonly certificateId: string;
  readonly certificatePem: string;
  readonly status: CertificateStatus;
  /** Absent: it was registered before this was kept. */
  readonly mode?: 'DEFAULT' | 'SNI_ONLY';
  readonly createdAt: Instant;
  readonly modifiedAt: Instant;
  readonly customerVersion: number;
  /** Names of the attached policies, and of the things it is attached to. */
  readonly policies: readonly string[];
  readonly things: readonly string[];
}

export interface PolicyVersionRecord {
  readonly versionId: string;
  readonly document: string;
  readonly createdAt: Instant;
}

export interface PolicyRecord {
  readonly policyName: string;
  readonly generationId: string;
  readonly versions: readonly PolicyVersionRecord[];
  readonly defaultVersionId: string;
  /** Version ids are never given twice. */
  readonly lastVersion: number;
  readonly createdAt: Instant;
  readonly modifiedAt: Instant;
}

/** What the parts of the registry share: the records, and where time and ids come from. */
export interface Records {
  readonly things: Collection<ThingRecord>;
  readonly thingTypes: Collection<ThingTypeRecord>;
  readonly thingGroups: Collection<ThingGroupRecord>;
  readonly certificates: Collection<CertificateRecord>;
  readonly policies: Collection<PolicyRecord>;
  readonly clock: LocalClock;
  readonly arns: Arns;
  newId(): string;
  /** Somebody must look at the groups of this thing again: it joined or left one, or is gone. */
  moved(thingName: string): void;
}

export function openRecords(
  state: State,
  { clock, arns, newId, moved }: Pick<Records, 'clock' | 'arns' | 'newId' | 'moved'>,
): Records {
  return {
    things: state.collection('iot/things'),
    thingTypes: state.collection('iot/thing-types'),
    thingGroups: state.collection('iot/thing-groups'),
    certificates: state.collection('iot/certificates'),
    policies: state.collection('iot/policies'),
    clock,
    arns,
    newId,
    moved,
  };
}

export function inOrder<T>(values: Iterable<T>, nameOf: (value: T) => string): readonly T[] {
  return [...values].sort((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1));
}

export function sameAttributes(left: Attributes, right: Attributes): boolean {
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => left[name] === right[name]);
}
