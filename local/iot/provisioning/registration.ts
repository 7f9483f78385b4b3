import { createHash } from 'node:crypto';
import { AwsError } from '#local/aws-error.ts';
import type { Permission } from '#local/iam/principal.ts';
import { sameAttributes, type ThingRecord } from '../registry/records.ts';
import type { Registry } from '../registry/registry.ts';
import type { Plan, PolicyPlan, ThingPlan } from './template.ts';

/** One call of the registry that the provisioning role must be allowed. */
interface Step {
  readonly permissions: readonly Permission[];
  run(): void;
}

/**
 * What the registry has to do for a plan, in order. Looks everything up first: an unknown group, type or
 * policy, or a conflict with a thing that is there, throws `AwsError` before anything was changed.
 */
export function stepsOf(registry: Registry, plan: Plan, certificateId: string): readonly Step[] {
  const { arns, certificates, things } = registry;
  const certificateArn = arns.certificate(certificateId);
  const onCertificate = (action: string): Permission => ({ action, resource: certificateArn });
  certificates.get(certificateId);
  const { thing } = plan;
  return [
    { permissions: [onCertificate('iot:DescribeCertificate')], run: () => {} },
    ...(thing === undefined ? [] : thingSteps(registry, thing)),
    ...plan.policies.flatMap((policy) => policySteps(registry, policy, certificateArn)),
    ...(thing === undefined
      ? []
      : [
          {
            permissions: [
              {
                ...onCertificate('iot:AttachThingPrincipal'),
                context: { 'iot:thingArn': arns.thing(thing.thingName) },
              },
            ],
            run: () => things.attach(thing.thingName, certificateId),
          },
        ]),
    {
      permissions: [onCertificate('iot:UpdateCertificate')],
      run: () => void certificates.setStatus(certificateId, plan.certificateStatus),
    },
  ];
}

function thingSteps(registry: Registry, plan: ThingPlan): readonly Step[] {
  const { arns, things, thingTypes, thingGroups } = registry;
  const known = things.find(plan.thingName);
  const resource = arns.thing(plan.thingName);
  if (plan.thingTypeName !== undefined) thingTypes.get(plan.thingTypeName);
  for (const group of plan.groups) thingGroups.get(group);
  const reading: Step = {
    permissions: [
      { action: 'iot:DescribeThing', resource },
      ...(plan.thingTypeName === undefined
        ? []
        : [{ action: 'iot:DescribeThingType', resource: arns.thingType(plan.thingTypeName) }]),
      ...plan.groups.map((group) => ({ action: 'iot:DescribeThingGroup', resource: arns.thingGroup(group) })),
      ...(known === undefined ? [] : [{ action: 'iot:ListThingGroupsForThing', resource }]),
    ],
    run: () => {},
  };
  const making: Step | undefined =
    known === undefined
      ? { permissions: [{ action: 'iot:CreateThing', resource }], run: () => void things.create(plan) }
      : updateStep(registry, plan, known);
  return [reading, ...(making === undefined ? [] : [making]), ...groupSteps(registry, plan, known)];
}

function updateStep(registry: Registry, plan: ThingPlan, known: ThingRecord): Step | undefined {
  const { attributes: onAttributes, type: onType } = plan.overrides;
  const otherAttributes = !sameAttributes(known.attributes, plan.attributes);
  const otherType = plan.thingTypeName !== undefined && plan.thingTypeName !== known.thingTypeName;
  if (otherAttributes && onAttributes === 'FAIL') throw conflict(plan, 'attributes');
  if (otherType && onType === 'FAIL') throw conflict(plan, 'thing type');
  const replacesAttributes = otherAttributes && onAttributes !== 'DO_NOTHING';
  const replacesType = otherType && onType === 'REPLACE';
  if (!replacesAttributes && !replacesType) return undefined;
  return {
    permissions: [{ action: 'iot:UpdateThing', resource: registry.arns.thing(plan.thingName) }],
    run: () =>
      void registry.things.update(plan.thingName, {
        ...(replacesAttributes ? { attributes: plan.attributes, merge: onAttributes === 'MERGE' } : {}),
        ...(replacesType ? { thingTypeName: plan.thingTypeName } : {}),
      }),
  };
}

function groupSteps(registry: Registry, plan: ThingPlan, known: ThingRecord | undefined): readonly Step[] {
  const { arns, thingGroups } = registry;
  const present = known?.groups ?? [];
  const joined = plan.groups.filter((group) => !present.includes(group));
  const left = known === undefined ? [] : present.filter((group) => !plan.groups.includes(group));
  const onGroups = known === undefined ? 'MERGE' : plan.overrides.groups;
  if (onGroups === 'FAIL' && joined.length + left.length > 0) throw conflict(plan, 'thing groups');
  if (onGroups === 'DO_NOTHING' || onGroups === 'FAIL') return [];
  const step = (action: string, group: string, run: () => void): Step => ({
    permissions: [arns.thing(plan.thingName), arns.thingGroup(group)].map((resource) => ({ action, resource })),
    run,
  });
  const leaving = onGroups === 'REPLACE' ? left : [];
  return [
    ...leaving.map((group) =>
      step('iot:RemoveThingFromThingGroup', group, () => thingGroups.removeThing(group, plan.thingName)),
    ),
    ...joined.map((group) =>
      step('iot:AddThingToThingGroup', group, () => thingGroups.addThing(group, plan.thingName)),
    ),
  ];
}

function policySteps(registry: Registry, plan: PolicyPlan, certificateArn: string): readonly Step[] {
  const { arns, policies } = registry;
  const policyName = 'policyName' in plan ? plan.policyName : nameOf(plan.document);
  const resource = arns.policy(policyName);
  const attaching: Step = {
    permissions: [{ action: 'iot:AttachPolicy', resource: certificateArn }],
    run: () => policies.attach(policyName, certificateArn),
  };
  if ('policyName' in plan) {
    policies.get(policyName);
    return [{ permissions: [{ action: 'iot:GetPolicy', resource }], run: () => {} }, attaching];
  }
  if (policies.find(policyName) !== undefined) return [attaching];
  const { document } = plan;
  const making: Step = {
    permissions: [{ action: 'iot:CreatePolicy', resource }],
    run: () => void policies.create(policyName, document),
  };
  return [making, attaching];
}

/** A policy without a name is called by the hash of its text, so that all devices of the template share it. */
function nameOf(document: string): string {
  return createHash('sha256').update(document).digest('hex');
}

function conflict({ thingName }: ThingPlan, what: string): AwsError {
  return new AwsError('ResourceConflictsException', 409, `The thing ${thingName} exists with other ${what}.`);
}
