import { randomBytes } from 'node:crypto';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { codeBytes, codeOf } from '#shared/ownership/claim-code.ts';
import { CodeService } from '#shared/ownership/code-service.ts';
import { MqttClaimCodeChannel } from '../adapters/aws-iot/mqtt-claim-code-channel.ts';
import { DynamoClaimCodeRepository } from '../adapters/dynamo/claim-codes.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { DynamoVehicleRepository } from '../adapters/dynamo/registry.ts';
import { ScryptSeal } from '../adapters/node-crypto/scrypt-seal.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';

export function wireClaimCodes(): CodeService {
  const client = documentClient();
  return new CodeService({
    vehicles: new DynamoVehicleRepository(client, setting('REGISTRY_TABLE')),
    codes: new DynamoClaimCodeRepository(client, setting('OWNERSHIP_TABLE')),
    seal: new ScryptSeal(),
    channel: new MqttClaimCodeChannel(new IoTDataPlaneClient({})),
    clock,
    newCode: () => codeOf(randomBytes(codeBytes)),
  });
}
