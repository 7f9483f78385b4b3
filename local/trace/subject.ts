import { isVehicleId } from '#shared/registry/vehicle-id.ts';
import { traceIdPattern } from './trace-header.ts';

export type Subject = 'vehicle' | 'request' | 'trace';

const lambdaRequest = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** `JKJaXmPLvHcESHA=`: what API Gateway calls a request, in the answer's `apigw-requestid`. */
const gatewayRequest = /^[0-9A-Za-z]{15}=$/;

/** What an id names; undefined for anything else. */
export function subjectOf(id: string): Subject | undefined {
  if (isVehicleId(id)) return 'vehicle';
  if (traceIdPattern.test(id)) return 'trace';
  return lambdaRequest.test(id) || gatewayRequest.test(id) ? 'request' : undefined;
}
