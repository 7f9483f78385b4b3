import { documentClient } from '../adapters/dynamo/document-client.ts';
import { wireRepositories } from './repositories.ts';

export function wireRenewal() {
  return wireRepositories(documentClient());
}
