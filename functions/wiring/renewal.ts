import { documentClient } from '../adapters/dynamo/document-client.ts';
import { wireRepositories } from './repositories.ts';

export function wireRenewal() {
  // It takes in nothing that could name a release.
  return wireRepositories(documentClient(), async () => undefined);
}
