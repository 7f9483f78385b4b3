import type { AwsService } from '#local/gateway/service.ts';
import type { Authority } from '../authority/authority.ts';
import { invalidRequest } from './errors.ts';
import type { Registry } from './registry.ts';
import { answer, type Route, understandRest } from './rest.ts';
import { certificateCreationRoutes, certificateRoutes } from './routes/certificates.ts';
import { policyRoutes, policyVersionRoutes } from './routes/policies.ts';
import { policyTargetRoutes } from './routes/policy-targets.ts';
import { membershipRoutes, thingGroupRoutes } from './routes/thing-groups.ts';
import { thingTypeRoutes } from './routes/thing-types.ts';
import { thingPrincipalRoutes, thingRoutes } from './routes/things.ts';

export interface ControlPlaneOptions {
  readonly registry: Registry;
  readonly authority: Pick<Authority, 'signCsr' | 'createKeysAndCertificate'>;
  readonly accountId: string;
  /** What `DescribeEndpoint` answers: `localhost`, as devices and their TLS know this cloud. */
  readonly endpoint: () => string;
  /** Routes of the other parts: rules, provisioning templates. */
  readonly routes?: readonly Route[];
}

/** The AWS service `iot`: what the platform and an operator's SDK ask of the registry. */
export function iotControlPlane(options: ControlPlaneOptions): AwsService {
  const { registry } = options;
  const routes: readonly Route[] = [
    ...thingRoutes(registry),
    ...thingPrincipalRoutes(registry),
    ...membershipRoutes(registry),
    ...thingGroupRoutes(registry),
    ...thingTypeRoutes(registry),
    ...certificateCreationRoutes(options),
    ...certificateRoutes(options),
    ...policyRoutes(registry),
    ...policyVersionRoutes(registry),
    ...policyTargetRoutes(registry),
    endpointRoute(options.endpoint),
    ...(options.routes ?? []),
  ];
  return { names: ['iot'], understand: (request) => understandRest(routes, 'iot', request) };
}

function endpointRoute(endpoint: () => string): Route {
  return {
    name: 'DescribeEndpoint',
    method: 'GET',
    path: '/endpoint',
    query: ['endpointType'],
    understand(call) {
      const type = call.query('endpointType') ?? 'iot:Data';
      if (!['iot:Data', 'iot:Data-ATS', 'iot:Jobs'].includes(type)) {
        throw invalidRequest(`The local cloud has no endpoint of the type "${type}".`);
      }
      return {
        permissions: [{ action: 'iot:DescribeEndpoint', resource: '*' }],
        run: () => answer({ endpointAddress: endpoint() }),
      };
    },
  };
}
