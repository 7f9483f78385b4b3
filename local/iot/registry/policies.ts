import {
  alreadyExists,
  deleteConflict,
  invalidRequest,
  limitExceeded,
  malformedPolicy,
  notFound,
  versionsLimitExceeded,
} from './errors.ts';
import { inOrder, type PolicyRecord, type PolicyVersionRecord, type Records } from './records.ts';

const namePattern = /^[\w+=,.@-]{1,128}$/;
const longestDocument = 2048;
const mostVersions = 5;
const mostPoliciesOfATarget = 10;

/** IoT policies, their versions, and the certificates and thing groups that they are attached to. */
export class Policies {
  readonly #records: Records;
  readonly #check: (document: string) => void;

  /** @param check throws on a policy text that the evaluator would not understand */
  constructor(records: Records, check: (document: string) => void) {
    this.#records = records;
    this.#check = check;
  }

  create(policyName: string, document: string): PolicyRecord {
    if (!namePattern.test(policyName)) throw invalidRequest(`"${policyName}" is no valid policy name.`);
    if (this.#records.policies.has(policyName)) {
      const arn = this.#records.arns.policy(policyName);
      throw alreadyExists(`Policy cannot be created - name already exists (name=${policyName})`, policyName, arn);
    }
    this.#checkDocument(document);
    const createdAt = this.#records.clock.now();
    return this.#save({
      policyName,
      generationId: this.#records.newId(),
      versions: [{ versionId: '1', document, createdAt }],
      defaultVersionId: '1',
      lastVersion: 1,
      createdAt,
      modifiedAt: createdAt,
    });
  }

  find(policyName: string): PolicyRecord | undefined {
    return this.#records.policies.get(policyName);
  }

  get(policyName: string): PolicyRecord {
    const policy = this.find(policyName);
    if (policy === undefined) throw notFound(`The policy cannot be found (name=${policyName})`);
    return policy;
  }

  list(): readonly PolicyRecord[] {
    return inOrder(this.#records.policies.values(), ({ policyName }) => policyName);
  }

  version(policyName: string, versionId?: string): PolicyVersionRecord {
    const policy = this.get(policyName);
    const wanted = versionId ?? policy.defaultVersionId;
    const version = policy.versions.find((each) => each.versionId === wanted);
    if (version === undefined) throw notFound(`Policy ${policyName} has no version ${wanted}.`);
    return version;
  }

  /** The text that counts now. Undefined when the policy is gone. */
  document(policyName: string): string | undefined {
    const policy = this.find(policyName);
    return policy?.versions.find(({ versionId }) => versionId === policy.defaultVersionId)?.document;
  }

  createVersion(policyName: string, document: string, setAsDefault: boolean): PolicyVersionRecord {
    const policy = this.get(policyName);
    this.#checkDocument(document);
    if (policy.versions.length >= mostVersions) {
      throw versionsLimitExceeded(`The policy ${policyName} already has the maximum number of versions (5)`);
    }
    const lastVersion = policy.lastVersion + 1;
    const version = { versionId: String(lastVersion), document, createdAt: this.#records.clock.now() };
    this.#save({
      ...policy,
      versions: [...policy.versions, version],
      lastVersion,
      defaultVersionId: setAsDefault ? version.versionId : policy.defaultVersionId,
      modifiedAt: version.createdAt,
    });
    return version;
  }

  setDefault(policyName: string, versionId: string): void {
    this.version(policyName, versionId);
    this.#save({ ...this.get(policyName), defaultVersionId: versionId, modifiedAt: this.#records.clock.now() });
  }

  deleteVersion(policyName: string, versionId: string): void {
    const policy = this.get(policyName);
    this.version(policyName, versionId);
    if (policy.defaultVersionId === versionId) {
      throw deleteConflict('Cannot delete the default version of a policy');
    }
    this.#save({ ...policy, versions: policy.versions.filter((each) => each.versionId !== versionId) });
  }

  delete(policyName: string): void {
    const policy = this.get(policyName);
    if (policy.versions.length > 1) {
      throw deleteConflict(
        `Cannot delete the policy because it has one or more policy versions attached to it (name=${policyName})`,
      );
    }
    if (this.targetsOf(policyName).length > 0) {
      throw deleteConflict(
        `The policy cannot be deleted as the policy is attached to one or more principals (name=${policyName})`,
      );
    }
    this.#records.policies.delete(policyName);
  }

  /** @param target the ARN of a certificate or of a thing group */
  attach(policyName: string, target: string): void {
    this.get(policyName);
    const attached = this.attachedTo(target);
    if (attached.includes(policyName)) return;
    if (attached.length >= mostPoliciesOfATarget) {
      throw limitExceeded(`A principal has at most ${mostPoliciesOfATarget} policies.`);
    }
    this.#setAttached(target, [...attached, policyName]);
  }

  detach(policyName: string, target: string): void {
    this.get(policyName);
    this.#setAttached(
      target,
      this.attachedTo(target).filter((name) => name !== policyName),
    );
  }

  /** Names of the policies attached to the target itself. */
  attachedTo(target: string): readonly string[] {
    const { certificates, thingGroups, arns } = this.#records;
    const holder =
      certificates.get(arns.certificateIdIn(target) ?? '') ?? thingGroups.get(arns.thingGroupIn(target) ?? '');
    if (holder === undefined) throw this.#unknown(target);
    return holder.policies;
  }

  /** ARNs of everything that the policy is attached to. */
  targetsOf(policyName: string): readonly string[] {
    this.get(policyName);
    const { certificates, thingGroups, arns } = this.#records;
    return [
      ...[...certificates.values()]
        .filter(({ policies }) => policies.includes(policyName))
        .map(({ certificateId }) => arns.certificate(certificateId)),
      ...[...thingGroups.values()]
        .filter(({ policies }) => policies.includes(policyName))
        .map(({ thingGroupName }) => arns.thingGroup(thingGroupName)),
    ].sort();
  }

  #setAttached(target: string, policies: readonly string[]): void {
    const { certificates, thingGroups, arns } = this.#records;
    const certificate = certificates.get(arns.certificateIdIn(target) ?? '');
    const group = thingGroups.get(arns.thingGroupIn(target) ?? '');
    if (certificate !== undefined) certificates.set(certificate.certificateId, { ...certificate, policies });
    else if (group !== undefined) thingGroups.set(group.thingGroupName, { ...group, policies });
  }

  #unknown(target: string) {
    const { arns } = this.#records;
    const understood = arns.certificateIdIn(target) ?? arns.thingGroupIn(target);
    return understood === undefined
      ? invalidRequest(`"${target}" is neither the ARN of a certificate nor of a thing group of this account.`)
      : notFound(`The policy target ${target} does not exist.`);
  }

  #checkDocument(document: string): void {
    if (document.replaceAll(/\s/g, '').length > longestDocument) {
      throw malformedPolicy(`The policy document has more than ${longestDocument} characters.`);
    }
    try {
      this.#check(document);
    } catch (error) {
      throw malformedPolicy(error instanceof Error ? error.message : String(error));
    }
  }

  #save(policy: PolicyRecord): PolicyRecord {
    this.#records.policies.set(policy.policyName, policy);
    return policy;
  }
}
