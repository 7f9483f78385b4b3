import { AwsError } from '#local/aws-error.ts';
import type { AwsResponse, AwsService } from '#local/gateway/service.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import type { Arns } from '../registry/arns.ts';
import { type RestRequest, type Route, understandRest } from '../registry/rest.ts';
import type { ShadowService } from '../shadows/shadow-service.ts';
import type { DataPlaneBroker } from './broker-port.ts';
import { brokerRoutes } from './broker-routes.ts';
import { publishRoute } from './publish-route.ts';
import { shadowRoutes } from './shadow-routes.ts';

/** Whether the IoT policies of a certificate allow an action that comes by HTTPS, on a full ARN. */
export interface DevicePolicies {
  allows(certificateId: string, action: string, resourceArn: string): boolean;
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
  readonly #options: DataPlaneOptions;
  readonly #routes: readonly Route[];

  constructor(options: DataPlaneOptions) {
    this.#options = options;
    this.#routes = [
      ...shadowRoutes(options.shadows, options.arns, options.clock),
      ...brokerRoutes(options.broker, options.arns),
    ];
  }

  understand(request: RestRequest) {
    return this.#understand(request, undefined);
  }

  /**
   * Serves a device on the HTTPS port (mTLS); its certificate's IoT policies decide. An inactive or unknown
   * certificate has no allowed action. Throws `AwsError`.
   */
  async handleDeviceRequest(request: RestRequest, certificateId: string): Promise<AwsResponse> {
    const operation = this.#understand(request, certificateId);
    for (const { action, resource } of operation.permissions) {
      if (!this.#options.devicePolicies.allows(certificateId, action, resource)) {
        throw new AwsError('ForbiddenException', 403, 'Forbidden');
      }
    }
    return operation.run();
  }

  #understand(request: RestRequest, certificateId: string | undefined) {
    const { broker, arns } = this.#options;
    return understandRest([publishRoute(broker, arns, certificateId), ...this.#routes], 'iotdata', request);
  }
}
