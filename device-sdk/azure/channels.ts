import type { KnownTopics } from '../certification.ts';

/** The topics of a vehicle at an IoT Hub: the channels, which travel as the names of methods and as a property. */
export const channels = {
  telemetryTopic: 'telemetry',
  inventoryTopic: 'inventory',
  commandReplyTopic: 'replies',
  commandTopic: 'commands',
  claimCodeRequestTopic: 'codes',
  claimCodeTopic: 'claim-code',
  updateReportTopic: 'updates',
  updateTopic: 'updates',
  sharingReportTopic: 'sharing',
  sharingTopic: 'sharing',
} as const satisfies KnownTopics;

/**
 * The device twin as messages. To publish on `get` asks for the document, which comes as a message on `document`; to
 * publish on `reported` is acknowledged once the hub has taken the patch; each change of what is desired comes on
 * `desired`, as the patch with its `$version`.
 */
export const twinTopics = {
  get: 'twin/get',
  document: 'twin/document',
  reported: 'twin/reported',
  desired: 'twin/desired',
} as const;
