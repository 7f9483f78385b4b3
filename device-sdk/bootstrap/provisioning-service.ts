import { readFileSync } from 'node:fs';
import azureProvisioning, { type RegistrationResult } from 'azure-iot-provisioning-device';
import azureProvisioningMqtt from 'azure-iot-provisioning-device-mqtt';
import * as z from 'zod/mini';
import { SdkMqtt } from '../azure/sdk-mqtt.ts';
import { reasonOf } from '../host.ts';
import { ProvisioningRefused } from '../questions.ts';
import type { PlantClaim } from './plant-claim.ts';

export interface Applicant {
  /** The common name of the certificate. */
  readonly registrationId: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly vin: string;
}

const assignmentSchema = z.object({ deviceId: z.string(), assignedHub: z.string() });

/** What the SDK hangs on its errors: the body of the answer, or the operation that failed. */
const complaintSchema = z.object({
  result: z.object({
    status: z.optional(z.string()),
    errorCode: z.optional(z.number()),
    message: z.optional(z.string()),
    registrationState: z.optional(
      z.object({ errorCode: z.optional(z.number()), errorMessage: z.optional(z.string()) }),
    ),
  }),
});

/** Seconds. */
const keepAlive = 60;

/** The registry behind the service was asked and gave no assignment, whatever the reason: that stands in the words. */
const allocationFailed = 400_209;
const noOfTheRegistry = /\b(40[0-46-9]|41\d|BadRequest|Unauthorized|Forbidden|NotFound|Conflict)\b/;

/**
 * Registers with the Device Provisioning Service, which asks the registry, and says which hub the vehicle belongs to.
 * May be repeated: the same vehicle gets the same answer.
 *
 * @throws ProvisioningRefused where the service, or the registry behind it, understood and said no
 */
export async function registered(
  { provisioningHost, scope, caFile }: PlantClaim,
  { registrationId, certificatePem, privateKeyPem, vin }: Applicant,
): Promise<z.infer<typeof assignmentSchema>> {
  const ca = caFile === undefined ? undefined : readFileSync(caFile, 'utf8');
  const wire = new SdkMqtt({ ca, keepAlive, log: () => {} });
  // The SDK takes any, and its types only its own.
  const transport = Reflect.construct(azureProvisioningMqtt.Mqtt, [wire.base]);
  // What breaks while the SDK closes its line would throw in it, for nobody to catch: nobody has asked. Now somebody has.
  wire.base.removeAllListeners('error');
  wire.base.on('error', () => transport.disconnect(() => {}));
  const security = {
    getRegistrationId: () => registrationId,
    getCertificate: (done: (error: undefined, certificate: { cert: string; key: string }) => void) =>
      done(undefined, { cert: certificatePem, key: privateKeyPem }),
  };
  const client = azureProvisioning.ProvisioningDeviceClient.create(provisioningHost, scope, transport, security);
  client.setProvisioningPayload({ vin });
  try {
    return assignmentSchema.parse(await register(client));
  } catch (error) {
    throw refusalIn(error, wire) ?? error;
  } finally {
    wire.cut();
  }
}

/** The SDK calls back with a result that it has not looked at. */
function register(client: { register(done: (error?: Error, result?: RegistrationResult) => void): unknown }) {
  return new Promise((resolve, reject) => {
    client.register((error, result) => (error ? reject(error) : resolve(result)));
  });
}

/** Undefined for what passes: a bad network, a service that is too busy or broken. */
function refusalIn(error: unknown, wire: SdkMqtt): ProvisioningRefused | undefined {
  const { result } = complaintSchema.safeParse(error).data ?? {};
  if (result === undefined) {
    const { failure } = wire;
    return failure?.kind === 'denied' ? new ProvisioningRefused(401, 'Unauthorized', failure.reason) : undefined;
  }
  const { errorCode = result.errorCode, errorMessage = result.message } = result.registrationState ?? {};
  // Six digits, of which the first three are as in HTTP.
  const status = errorCode === undefined ? 403 : Math.floor(errorCode / 1000);
  const reason = errorMessage ?? result.status ?? reasonOf(error);
  if (status >= 500 || status === 429) return undefined;
  if (errorCode === allocationFailed && !noOfTheRegistry.test(reason)) return undefined;
  return new ProvisioningRefused(status, errorCode === undefined ? 'Refused' : String(errorCode), reason);
}
