import { Failure } from '#shared/kernel/failure.ts';
import type { HubOf } from '../adapters/azure-iot-hub/hub-cloud.ts';

/** The hubs of this deployment. */
export function wireHubs(): HubOf {
  return () => {
    throw new Failure('unavailable', 'hub-not-wired', 'This device cloud is not connected yet.');
  };
}
