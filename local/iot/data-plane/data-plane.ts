import { AwsError } from '#local/aws-error.ts';
import type { AwsOperation, AwsResponse, AwsService } from '#local/gateway/service.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import type { DeviceCaller } from '../policy/caller-variables.ts';
import type { Arns } from '../registry/arns.ts';
import { type RestRequest, type Route, understandRest } from '../registry/rest.ts';
import type { ShadowService } from '../shadows/shadow-service.ts';
import { brokerRoutes, type DataPlaneBroker } from './broker-routes.ts';
import { publishRoute } from './publish-route.ts';
import { shadowRoutes } from './shadow-routes.ts';

/** Whether the IoT policies of a device's certificate allow an action that comes by HTTPS, on a full ARN. */
export interface DevicePolicies {
  allows(caller: DeviceCaller, action: string, resourceArn: string): boolean;
}

export interface DataPlaneOptions {
  readonly broker: DataPlaneBroker;
  readonly shadows: ShadowService;
  readonly arns: Arns;
  readonly clock: Clock;
  readonly devicePolicies: DevicePolicies;
}

/** The AWS service `iotdata`, for AWS identities and for devices that call over HTTPS with their certificate. */
export class DataPlane implements AwsService {
  readonly names = ['iotdata', 'iotdevicegateway'];
  readonly denial = 'ForbiddenException';
  readonly #devicePolicies: DevicePolicies;
  readonly #routes: readonly Route[];

  constructor(options: DataPlaneOptions) {
    this.#devicePolicies = options.devicePolicies;
    this.#routes = [
      publishRoute(options.broker, options.arns),
      ...shadowRoutes(options.shadows, options.arns, options.clock),
      ...brokerRoutes(options.broker, options.arns),
    ];
  }

  understand(request: RestRequest): AwsOperation {
    return understandRest(this.#routes, 'iotdata', request);
  }

  /**
   * Serves a device on the HTTPS port (mTLS); its certificate's IoT policies decide. An inactive or unknown
   * certificate has no allowed action. Throws `AwsError`.
   */
  async handleDeviceRequest(request: RestRequest, caller: DeviceCaller): Promise<AwsResponse> {
    const { permissions, run } = this.understand(request);
    if (!permissions.every(({ action, resource }) => this.#devicePolicies.allows(caller, action, resource))) {
      throw new AwsError('ForbiddenException', 403, 'Forbidden');
    }
    return run();
  }
}
