import { createHash } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ClaimService } from '#shared/ownership/claim-service.ts';
import { OwnershipService } from '#shared/ownership/ownership-service.ts';
import { DynamoClaimCodeRepository, DynamoClaimTries } from '../adapters/dynamo/claim-codes.ts';
import { DynamoOwnershipRepository } from '../adapters/dynamo/ownership.ts';
import { DynamoSharedFleet } from '../adapters/dynamo/shared-fleet.ts';
import { ScryptSeal } from '../adapters/node-crypto/scrypt-seal.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';
import { registryPorts } from './registry.ts';

export function wireOwnership(client: DynamoDBDocumentClient) {
  const table = setting('OWNERSHIP_TABLE');
  const { vehicles } = registryPorts(client);
  const ownerships = new DynamoOwnershipRepository(client, table);
  const claims = new ClaimService({
    ...{ vehicles, ownerships, clock, digest },
    shared: new DynamoSharedFleet(client, setting('BOOKINGS_TABLE')),
    codes: new DynamoClaimCodeRepository(client, table),
    tries: new DynamoClaimTries(client, table),
    seal: new ScryptSeal(),
  });
  return { claims, ownership: new OwnershipService({ ownerships, clock, digest }), registry: vehicles };
}

/** What stands in the table for a username, and in a count for what was tried. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
