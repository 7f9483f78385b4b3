import { DynamoAuditTrail } from '../adapters/dynamo/audit.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { setting } from '../environment.ts';

export function wireTrail(): DynamoAuditTrail {
  return new DynamoAuditTrail(documentClient(), setting('AUDIT_TABLE'));
}
