import { randomBytes } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { OperationService } from '#shared/access/operation-service.ts';
import { base32 } from '#shared/kernel/base32.ts';
import { brandsOf } from '#shared/registry/brand.ts';
import { DynamoClientBrandsRepository, DynamoOperationRepository } from '../adapters/dynamo/access.ts';
import { DynamoAuditTrail } from '../adapters/dynamo/audit.ts';
import type { ApiParts } from '../api/app.ts';
import { Auditing } from '../api/auditing.ts';
import { Authentication } from '../api/authentication.ts';
import { setting } from '../environment.ts';
import { systemClock as clock } from './clock.ts';
import { keptPersons } from './erasure-requests.ts';
import { wireQuotas } from './quotas.ts';

type Door = Pick<ApiParts<unknown>, 'authentication' | 'operations' | 'auditing' | 'quotas'>;

/** What stands before the routes of each function of the API, and what the routes of all of them call. */
export function wireDoor(client: DynamoDBDocumentClient) {
  const access = setting('ACCESS_TABLE');
  const brands = brandsOf(setting('BRANDS'));
  const trail = new DynamoAuditTrail(client, setting('AUDIT_TABLE'));
  const { quotas, standings } = wireQuotas(client);
  const door: Door = {
    quotas,
    authentication: new Authentication(new DynamoClientBrandsRepository(client, access), brands, clock),
    auditing: new Auditing(trail, clock),
    operations: new OperationService({ operations: new DynamoOperationRepository(client, access), clock, newId }),
  };
  return { door, standings, trail, common: { brands, clock, persons: keptPersons(client) } };
}

function newId(): string {
  return base32(randomBytes(13), 20);
}
