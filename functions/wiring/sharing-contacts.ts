import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ContactService } from '#shared/sharing/contact/contact-service.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { DynamoPresenceRepository } from '../adapters/dynamo/presence.ts';
import { setting } from '../environment.ts';
import { type SharingParts, sharingParts } from './sharing-bookings.ts';

export function wireSharingContacts(): ContactService {
  const client = documentClient();
  return contactService(client, sharingParts(client));
}

export function contactService(client: DynamoDBDocumentClient, parts: SharingParts): ContactService {
  const { bookings, listings, setup, due, clock } = parts;
  const presences = new DynamoPresenceRepository(client, setting('REGISTRY_TABLE'));
  return new ContactService({ bookings, listings, setup, due, clock, presences });
}
