import { z } from 'zod';
import type { PolicyRecord, PolicyVersionRecord } from '../records.ts';
import type { Registry } from '../registry.ts';
import { answer, done, markerPages, type RestCall, type Route, seconds } from '../rest.ts';

const document = z.strictObject({ policyDocument: z.string().min(1) });

export function policyRoutes({ policies, arns }: Registry): readonly Route[] {
  const name = (call: RestCall) => call.parameter('policyName');
  const on = (action: string, call: RestCall) => [{ action: `iot:${action}`, resource: arns.policy(name(call)) }];
  const identity = ({ policyName }: PolicyRecord) => ({ policyName, policyArn: arns.policy(policyName) });

  return [
    {
      name: 'CreatePolicy',
      method: 'POST',
      path: '/policies/{policyName}',
      understand(call) {
        const { policyDocument } = call.json(document);
        return {
          permissions: on('CreatePolicy', call),
          run() {
            const policy = policies.create(name(call), policyDocument);
            return answer({ ...identity(policy), policyDocument, policyVersionId: policy.defaultVersionId });
          },
        };
      },
    },
    {
      name: 'GetPolicy',
      method: 'GET',
      path: '/policies/{policyName}',
      understand: (call) => ({
        permissions: on('GetPolicy', call),
        run() {
          const policy = policies.get(name(call));
          return answer({
            ...identity(policy),
            policyDocument: policies.version(policy.policyName).document,
            defaultVersionId: policy.defaultVersionId,
            creationDate: seconds(policy.createdAt),
            lastModifiedDate: seconds(policy.modifiedAt),
            generationId: policy.generationId,
          });
        },
      }),
    },
    {
      name: 'ListPolicies',
      method: 'GET',
      path: '/policies',
      query: ['pageSize', 'marker', 'isAscendingOrder'],
      understand(call) {
        // By name is the only order kept; AWS documents no order for the default.
        call.flag('isAscendingOrder');
        return {
          permissions: [{ action: 'iot:ListPolicies', resource: '*' }],
          run() {
            const { items, next } = call.page(policies.list(), ({ policyName }) => policyName, markerPages);
            return answer({ policies: items.map(identity), ...next });
          },
        };
      },
    },
    {
      name: 'DeletePolicy',
      method: 'DELETE',
      path: '/policies/{policyName}',
      understand: (call) => ({
        permissions: on('DeletePolicy', call),
        run() {
          policies.delete(name(call));
          return done();
        },
      }),
    },
  ];
}

export function policyVersionRoutes({ policies, arns }: Registry): readonly Route[] {
  const name = (call: RestCall) => call.parameter('policyName');
  const versionId = (call: RestCall) => call.parameter('policyVersionId');
  const on = (action: string, call: RestCall) => [{ action: `iot:${action}`, resource: arns.policy(name(call)) }];
  const described = (policy: PolicyRecord, version: PolicyVersionRecord) => ({
    versionId: version.versionId,
    isDefaultVersion: policy.defaultVersionId === version.versionId,
  });

  return [
    {
      name: 'CreatePolicyVersion',
      method: 'POST',
      path: '/policies/{policyName}/version',
      query: ['setAsDefault'],
      understand(call) {
        const { policyDocument } = call.json(document);
        const setAsDefault = call.flag('setAsDefault');
        return {
          permissions: on('CreatePolicyVersion', call),
          run() {
            const version = policies.createVersion(name(call), policyDocument, setAsDefault);
            return answer({
              policyArn: arns.policy(name(call)),
              policyDocument,
              policyVersionId: version.versionId,
              isDefaultVersion: setAsDefault,
            });
          },
        };
      },
    },
    {
      name: 'ListPolicyVersions',
      method: 'GET',
      path: '/policies/{policyName}/version',
      understand: (call) => ({
        permissions: on('ListPolicyVersions', call),
        run() {
          const policy = policies.get(name(call));
          const policyVersions = policy.versions.map((version) => ({
            ...described(policy, version),
            createDate: seconds(version.createdAt),
          }));
          return answer({ policyVersions });
        },
      }),
    },
    {
      name: 'GetPolicyVersion',
      method: 'GET',
      path: '/policies/{policyName}/version/{policyVersionId}',
      understand: (call) => ({
        permissions: on('GetPolicyVersion', call),
        run() {
          const policy = policies.get(name(call));
          const version = policies.version(policy.policyName, versionId(call));
          const { versionId: policyVersionId, isDefaultVersion } = described(policy, version);
          return answer({
            policyArn: arns.policy(policy.policyName),
            policyName: policy.policyName,
            policyDocument: version.document,
            policyVersionId,
            isDefaultVersion,
            creationDate: seconds(version.createdAt),
            lastModifiedDate: seconds(version.createdAt),
            generationId: policy.generationId,
          });
        },
      }),
    },
    {
      name: 'SetDefaultPolicyVersion',
      method: 'PATCH',
      path: '/policies/{policyName}/version/{policyVersionId}',
      understand: (call) => ({
        permissions: on('SetDefaultPolicyVersion', call),
        run() {
          policies.setDefault(name(call), versionId(call));
          return done();
        },
      }),
    },
    {
      name: 'DeletePolicyVersion',
      method: 'DELETE',
      path: '/policies/{policyName}/version/{policyVersionId}',
      understand: (call) => ({
        permissions: on('DeletePolicyVersion', call),
        run() {
          policies.deleteVersion(name(call), versionId(call));
          return done();
        },
      }),
    },
  ];
}
