import { randomUUID } from 'node:crypto';
import { type LocalClock, systemClock } from '#local/clock.ts';
import type { State } from '#local/state/collection.ts';
import type { ExclusiveThing, Principals, RegisteredCertificate } from '../broker/principals.ts';
import { validatePolicyDocument } from '../policy/evaluate.ts';
import type { Arns } from './arns.ts';
import { Certificates, type CutOff } from './certificates.ts';
import { Policies } from './policies.ts';
import { openRecords } from './records.ts';
import { ThingGroups } from './thing-groups.ts';
import { ThingTypes } from './thing-types.ts';
import { Things } from './things.ts';

export interface RegistryOptions {
  readonly state: State;
  readonly arns: Arns;
  readonly clock?: LocalClock;
  /** Ends a certificate's connections; may be set later through `onCutOff`, since the broker needs the registry. */
  readonly cutOff?: CutOff;
  /** How long connections outlive the deactivation of their certificate, in ms. */
  readonly cutOffDelay?: number;
  readonly newId?: () => string;
}

/** AWS IoT's registry: things, types, groups, certificates, policies, and who is attached to what. */
export class Registry implements Principals {
  readonly arns: Arns;
  readonly things: Things;
  readonly thingTypes: ThingTypes;
  readonly thingGroups: ThingGroups;
  readonly certificates: Certificates;
  readonly policies: Policies;
  #cutOff: CutOff;
  #tellMoved: (thingName: string) => void = () => {};

  constructor(options: RegistryOptions) {
    const { state, arns, clock = systemClock, cutOffDelay = 60_000, newId = randomUUID } = options;
    const moved = (thingName: string) => this.#tellMoved(thingName);
    const records = openRecords(state, { clock, arns, newId, moved });
    this.#cutOff = options.cutOff ?? (() => {});
    this.arns = arns;
    this.things = new Things(records);
    this.thingTypes = new ThingTypes(records);
    this.thingGroups = new ThingGroups(records);
    this.certificates = new Certificates(records, { cutOffDelay, cutOff: (id) => this.#cutOff(id) });
    this.policies = new Policies(records, validatePolicyDocument);
  }

  /** Who ends connections: the broker, once it is there. */
  onCutOff(cutOff: CutOff): void {
    this.#cutOff = cutOff;
  }

  /** @param tell hears of each thing that joined or left a group, or was deleted: the jobs service */
  onMoved(tell: (thingName: string) => void): void {
    this.#tellMoved = tell;
  }

  certificate(certificateId: string): RegisteredCertificate | undefined {
    const certificate = this.certificates.find(certificateId);
    if (certificate === undefined) return undefined;
    return { status: certificate.status, policies: this.#documents(certificate.policies) };
  }

  thingOf(certificateId: string, clientId: string): ExclusiveThing | undefined {
    const thing = this.things.find(clientId);
    if (thing === undefined || !this.certificates.find(certificateId)?.things.includes(clientId)) return undefined;
    const groups = thing.groups.flatMap((name) => this.thingGroups.lineage(name));
    return {
      thingName: thing.thingName,
      ...(thing.thingTypeName === undefined ? {} : { typeName: thing.thingTypeName }),
      attributes: thing.attributes,
      groupPolicies: this.#documents(groups.flatMap(({ policies }) => policies)),
    };
  }

  #documents(names: readonly string[]): readonly string[] {
    return names.flatMap((name) => this.policies.document(name) ?? []);
  }
}
