import { createHash } from 'node:crypto';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecurityService } from '#shared/security/security-service.ts';
import { BusSecurityEvents } from '../adapters/event-bridge/security-events.ts';
import { S3EvidenceStore } from '../adapters/s3/evidence-store.ts';
import { storageClient } from '../adapters/s3/storage-client.ts';
import { setting } from '../environment.ts';
import { metrics } from '../observability.ts';

export function wireSecurity(): SecurityService {
  return new SecurityService({
    store: new S3EvidenceStore(storageClient(), setting('EVIDENCE_BUCKET')),
    events: new BusSecurityEvents(new EventBridgeClient({}), setting('EVENT_BUS_NAME')),
    warn: () => metrics.addMetric('AttacksRefused', 'Count', 1),
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
  });
}
