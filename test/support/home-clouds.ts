import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { IoTClient } from '@aws-sdk/client-iot';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { AwsIotHome } from '#functions/adapters/aws-iot/home-cloud.ts';
import { HubHomeCloud } from '#functions/adapters/azure-iot-hub/hub-home.ts';
import { signForVehicle } from '#local/azure/plant.ts';
import type { LocalCloud } from '#local/cloud.ts';
import { firstHome, homeName } from '#shared/registry/home.ts';
import type { VehicleId } from '#shared/registry/vehicle-id.ts';
import { ruleNames, vehicleTopics } from '#shared/vehicle-cloud/topics.ts';
import type { HomeScene } from '../contract/home-cloud.ts';
import { RawClient } from '../local/iot/broker/raw-client.ts';
import { administrator } from './aws-clients.ts';
import { attempt, type Credentials } from './device.ts';
import { functionNamed } from './device-clouds.ts';
import type { JourneyCloud } from './journey-cloud.ts';

const stage = 'dev';

/** AWS IoT, as vehicles leave it and come to it. */
export function firstHomeScene({ cloud }: JourneyCloud): HomeScene {
  const aws = administrator(cloud.file);
  const ports = {
    control: new IoTClient(aws),
    data: new IoTDataPlaneClient(aws),
    stage,
    endpoint: async () => 'iot.test',
  };
  const { registry, shadows, authority } = cloud.iot;
  return {
    now: () => cloud.clock.now(),
    at: (epoch) => new AwsIotHome({ name: firstHome, epoch }, ports),
    async native() {
      const made = await authority.createKeysAndCertificate();
      registry.certificates.register(made.certificatePem, 'ACTIVE');
      return made;
    },
    async enter(vehicleId, credentials) {
      const tried = await attempt(cloud.file, credentials, vehicleId).catch(() => undefined);
      return tried?.connack.reasonCode === 0 ? tried.client : undefined;
    },
    remains(vehicleId) {
      const things = registry.things.list().filter(({ thingName }) => thingName === vehicleId);
      const certificates = registry.certificates.list().filter((each) => each.things.includes(vehicleId));
      return [...things, ...certificates, ...shadows.namedShadows(vehicleId)].map((each) => JSON.stringify(each));
    },
    wish(vehicleId, names) {
      const payload = Buffer.from(JSON.stringify({ state: { desired: { a: 1 } } }));
      for (const name of names) shadows.update(vehicleId, name, payload);
    },
    mostTwins: 120,
    async listen(line, vehicleId) {
      await line.subscribe(`vehicles/${vehicleId}/commands`);
    },
    noticeTo: (vehicleId) => ({
      ...{ name: firstHome, dialect: 'aws-iot', endpoint: 'iot.test' },
      topics: {
        ...vehicleTopics(vehicleId, ruleNames(stage)),
        rotationTopic: '$aws/provisioning-templates/fleetloom-dev-rotation/provision/json',
      },
    }),
  };
}

/** The hub by the function that speaks with it. */
export function otherHomeScene(home: JourneyCloud): HomeScene {
  const { file, azure } = home.cloud;
  if (azure === undefined || file.azure === undefined) throw new Error('This cloud has no hub');
  const { hub } = azure;
  const place = file.azure;
  const name = homeName('vw-weu');
  const lambda = new LambdaClient(administrator(file));
  const asked = functionNamed(home, 'hub-asked');
  return {
    now: () => home.cloud.clock.now(),
    at: (epoch) => new HubHomeCloud({ name, epoch }, lambda, asked),
    async native(vehicleId) {
      const made = await fromPlant(place.plant, vehicleId);
      hub.identities.create({ deviceId: vehicleId, authentication: { type: 'certificateAuthority' } });
      hub.twins.patchByService(vehicleId, { tags: { vehicleId, home: { name, epoch: 0 } } });
      hub.twins.patchReported(vehicleId, { home: { certificatePem: made.certificatePem } });
      return made;
    },
    enter: (vehicleId, credentials) => enterHub(place, vehicleId, credentials),
    remains: (vehicleId) => hub.identities.list().flatMap(({ deviceId }) => (deviceId === vehicleId ? [deviceId] : [])),
    wish(vehicleId, names) {
      const desired = Object.fromEntries(names.map((twin) => [twin, { a: 1 }]));
      hub.twins.patchByService(vehicleId, { properties: { desired } });
    },
    mostTwins: 120,
    async listen(line) {
      await line.subscribe('$iothub/methods/POST/#', 0);
    },
    noticeTo: () => ({ name, dialect: 'azure-iot-hub', endpoint: place.hub }),
  };
}

type AzurePlace = NonNullable<LocalCloud['file']['azure']>;

async function fromPlant({ certificateFile, privateKeyFile }: AzurePlace['plant'], vehicleId: VehicleId) {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const privateKeyPem = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const plant = {
    certificatePem: readFileSync(certificateFile, 'utf8'),
    privateKeyPem: readFileSync(privateKeyFile, 'utf8'),
  };
  const certificatePem = await signForVehicle(plant, vehicleId, privateKeyPem);
  const { raw } = new X509Certificate(certificatePem);
  return { certificatePem, privateKeyPem, certificateId: createHash('sha256').update(raw).digest('hex') };
}

/** As MQTT 3.1.1 on a hub wants it. */
async function enterHub({ hub, mqtt, caFile }: AzurePlace, clientId: VehicleId, credentials: Credentials) {
  const { certificatePem: cert, privateKeyPem: key } = credentials;
  const place = { host: '127.0.0.1', port: mqtt, servername: 'localhost', ca: readFileSync(caFile) };
  const socket = connect({ ...place, cert, key });
  await once(socket, 'secureConnect');
  const client = new RawClient(socket, 4);
  const username = `${hub}/${clientId}/?api-version=2021-04-12`;
  client.send({
    ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 600 },
    ...{ clientId, username },
  });
  const { returnCode } = await client.next('connack');
  return returnCode === 0 ? client : undefined;
}
