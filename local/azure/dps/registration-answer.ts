import type { Registration } from './registrations.ts';

/** What a device hears, and what a service reads of it. */
export function registrationState(registration: Registration): object {
  const { registrationId, status, hub, error, payload, createdAt, updatedAt } = registration;
  return {
    registrationId,
    createdDateTimeUtc: new Date(createdAt).toISOString(),
    ...(status === 'assigned' && { assignedHub: hub, deviceId: registrationId, substatus: 'initialAssignment' }),
    status,
    ...(error !== undefined && { errorCode: error.code, errorMessage: error.message }),
    lastUpdatedDateTimeUtc: new Date(updatedAt).toISOString(),
    etag: Buffer.from(`${updatedAt}`).toString('base64'),
    ...(payload !== undefined && { payload }),
  };
}

export function operationAnswer(registration: Registration): object {
  const { operationId, status } = registration;
  if (status === 'assigning') return { operationId, status };
  return { operationId, status, registrationState: registrationState(registration) };
}
