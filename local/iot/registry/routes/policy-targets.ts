import { z } from 'zod';
import type { Registry } from '../registry.ts';
import { answer, done, markerPages, type RestCall, type Route } from '../rest.ts';

const target = z.strictObject({ target: z.string().min(1) });

/** What policies are attached to. IAM knows the target (a certificate or a group) as the resource. */
export function policyTargetRoutes(registry: Registry): readonly Route[] {
  const { policies, thingGroups, arns } = registry;
  const name = (call: RestCall) => call.parameter('policyName');
  const change = (
    operation: string,
    method: 'PUT' | 'POST',
    run: (policyName: string, target: string) => void,
  ): Route => ({
    name: operation,
    method,
    path: '/target-policies/{policyName}',
    understand(call) {
      const { target: resource } = call.json(target);
      return {
        permissions: [{ action: `iot:${operation}`, resource }],
        run() {
          run(name(call), resource);
          return done();
        },
      };
    },
  });

  return [
    change('AttachPolicy', 'PUT', (policyName, to) => policies.attach(policyName, to)),
    change('DetachPolicy', 'POST', (policyName, from) => policies.detach(policyName, from)),
    {
      name: 'ListAttachedPolicies',
      method: 'POST',
      path: '/attached-policies/{target}',
      query: ['recursive', 'pageSize', 'marker'],
      understand(call) {
        const holder = call.parameter('target');
        const recursive = call.flag('recursive');
        return {
          permissions: [{ action: 'iot:ListAttachedPolicies', resource: holder }],
          run() {
            const names = [...new Set(recursive ? inherited(holder) : policies.attachedTo(holder))].sort();
            const { items, next } = call.page(names, (policyName) => policyName, markerPages);
            const listed = items.map((policyName) => ({ policyName, policyArn: arns.policy(policyName) }));
            return answer({ policies: listed, ...next });
          },
        };
      },
    },
    {
      name: 'ListTargetsForPolicy',
      method: 'POST',
      path: '/policy-targets/{policyName}',
      query: ['pageSize', 'marker'],
      understand: (call) => ({
        permissions: [{ action: 'iot:ListTargetsForPolicy', resource: arns.policy(name(call)) }],
        run() {
          const { items, next } = call.page(policies.targetsOf(name(call)), (arn) => arn, markerPages);
          return answer({ targets: items, ...next });
        },
      }),
    },
  ];

  /** A group inherits the policies of its parents. */
  function inherited(holder: string): readonly string[] {
    const group = arns.thingGroupIn(holder);
    if (group === undefined) return policies.attachedTo(holder);
    return thingGroups.lineage(group).flatMap((each) => each.policies);
  }
}
