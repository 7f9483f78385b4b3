import { randomBytes } from 'node:crypto';
import { codeBytes, codeOf } from '#shared/ownership/claim-code.ts';
import { CodeService } from '#shared/ownership/code-service.ts';
import { ClaimCodeMessages } from '../adapters/channels/claim-code-messages.ts';
import { DynamoClaimCodeRepository } from '../adapters/dynamo/claim-codes.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { DynamoVehicleRepository } from '../adapters/dynamo/registry.ts';
import { ScryptSeal } from '../adapters/node-crypto/scrypt-seal.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';
import { deviceMessages } from './device-cloud.ts';

export function wireClaimCodes(): CodeService {
  const client = documentClient();
  return new CodeService({
    vehicles: new DynamoVehicleRepository(client, setting('REGISTRY_TABLE')),
    codes: new DynamoClaimCodeRepository(client, setting('OWNERSHIP_TABLE')),
    seal: new ScryptSeal(),
    channel: new ClaimCodeMessages(deviceMessages(client), clock),
    clock,
    newCode: () => codeOf(randomBytes(codeBytes)),
  });
}
