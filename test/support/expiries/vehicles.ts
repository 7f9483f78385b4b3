import { randomUUID } from 'node:crypto';
import { newDeviceKey } from '#device-sdk/certificate-request.ts';
import { certified, registered } from '#device-sdk/certification.ts';
import { thisHost } from '#device-sdk/host.ts';
import { ProvisioningCall } from '#device-sdk/provisioning-call.ts';
import { awsIot } from '#device-sdk/transports/aws-iot.ts';
import { golf } from '#local/tour/chapters/vehicles.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { claimClientPrefix, provisionTopic } from '#shared/vehicle-cloud/topics.ts';
import { claimOf } from '../device.ts';
import { rawVehicle } from '../raw-vehicle.ts';
import { type Ask, type Make, newVin, type Stage } from './stage.ts';
import { Tables } from './tables.ts';

/** What vehicles are given and told. */
export const ofVehicles: Readonly<Record<string, Make>> = {
  async 'a command that nobody answers'(stage) {
    const { vehicleId, identity, client } = await rawVehicle(stage.scene, newVin());
    await client.subscribe(identity.topics.commandTopic);
    await stage.active(vehicleId);
    const order = { name: 'doors.lock', expiresInSeconds: 60 };
    const { body } = await stage.operator.post(`/v1/vehicles/${vehicleId}/commands`, order);
    const path = `/v1/vehicles/${vehicleId}/commands/${at(body, 'commandId')}`;
    const status: Ask = async () => String(at((await stage.operator.get(path)).body, 'status'));
    const end: Ask = () => eventually('an end', status, (now) => now !== 'sent');
    return [status, end, end];
  },
  async 'a VIN that is kept for a key'(stage) {
    const vin = newVin();
    await stage.scene.journey.registered({ ...golf, vin });
    await stage.carNamed(vin, `${vin}-first`).provision();
    const other = (name: string): Ask => {
      return () =>
        stage
          .carNamed(vin, `${vin}-${name}`)
          .provision()
          .then(
            () => 'good',
            () => 'refused',
          );
    };
    return [other('second'), other('second'), other('third')];
  },
  async 'the token of a certificate that is not registered'(stage) {
    const [first, second] = [await certificate(stage), await certificate(stage)];
    return [first, second, second];
  },
  async 'the count of a vehicle’s connections'(stage) {
    const [first, second] = [await counted(stage), await counted(stage)];
    return [first, second, second];
  },
};

/** A certificate was signed; the asking registers it. */
async function certificate({ scene, file }: Stage): Promise<Ask> {
  const vin = newVin();
  await scene.journey.registered({ ...golf, vin });
  const claim = claimOf(file);
  const options = { clientId: `${claimClientPrefix}${randomUUID()}`, answerTimeout: 10_000, host: thisHost };
  const over = async <T>(talk: (call: ProvisioningCall) => Promise<T>): Promise<T> => {
    const call = new ProvisioningCall(awsIot(file.mqtt), claim, options);
    try {
      await call.opened();
      return await talk(call);
    } finally {
      await call.close();
    }
  };
  const key = newDeviceKey();
  const issued = await over(({ questions }) => certified(questions, key));
  const topic = provisionTopic(claim.templateName);
  return () =>
    over(({ questions }) => registered(questions, topic, key, issued, { Vin: vin })).then(
      () => 'good',
      (error) => String(Reflect.get(Object(error), 'code')),
    );
}

/** It was online once; the asking connects it again, and says which of its connections that is. */
async function counted(stage: Stage): Promise<Ask> {
  const vin = newVin();
  const vehicleId = await stage.scene.journey.registered({ ...golf, vin });
  const online = async () => {
    const vehicle = stage.carNamed(vin);
    await vehicle.connect();
    await stage.active(vehicleId);
    const [presence] = await new Tables(stage).items({ table: 'Registry', pk: `veh#${vehicleId}`, sk: 'presence' });
    await vehicle.close();
    await gone(stage, vehicleId);
    return presence?.['connection'];
  };
  await online();
  return async () => `connection ${await online()}`;
}

function gone(stage: Stage, vehicleId: string): Promise<unknown> {
  return eventually(
    'a vehicle that is gone',
    () => stage.operator.get(`/v1/vehicles/${vehicleId}`),
    ({ body }) => at(body, 'connection', 'connected') === false,
  );
}
