import { leaseTime, memoryTime } from '#shared/access/idempotent-operation.ts';
import { auditMemory } from '#shared/audit/audit-record.ts';
import { codeLifetime } from '#shared/ownership/claim-code.ts';
import { offerLifetime } from '#shared/ownership/ownership.ts';
import { reservationTime } from '#shared/registry/admission.ts';
import { uploadTime } from '#shared/transfers/import.ts';
import { downloadTime } from '#shared/transfers/import-service.ts';
import { ofMessages } from './messages.ts';
import { ofOwnership } from './ownership.ts';
import { ofPeople } from './people.ts';
import { ofRecords } from './records.ts';
import { ofRequests } from './requests.ts';
import type { Make } from './stage.ts';
import { ofTransfers } from './transfers.ts';
import { ofVehicles } from './vehicles.ts';

/** Something that is good for a time, with the answers just before its end, just after it, and with the clock set back. */
export interface Expiry {
  readonly name: string;
  /** ms, from when it is made at the latest. */
  readonly life: number;
  readonly before: string;
  readonly after: string;
  /** What was final stays so; what the clock alone decides follows the clock. */
  readonly back: string;
  /** ms that its end may take to be carried out: sweeps come every so often. */
  readonly late: number;
  /** It holds somebody up: made in a future that is taken back, it must not do so until that future comes. */
  readonly holds: boolean;
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
/** S3's lifecycle takes away what is older at midnight, and the local cloud looks for it every hour. */
const lifecycle = { midnight: day, round: hour + minute };

/** Every end that time brings, in the order of the product's parts. The others stand in `told-elsewhere.ts`. */
export const expiries: readonly Expiry[] = [
  // Who somebody is.
  end('the token of a machine', hour, ['good', '401', 'good']),
  end('the token of a person', hour, ['good', '401', 'good']),
  end('what renews a person’s token', 30 * day, ['good', 'NotAuthorizedException', 'good']),
  end('the code with which a browser comes back', 5 * minute, ['good', '400', '400']),
  end('a browser in which somebody has signed in', hour, ['good', 'asked for the password', 'good']),
  end('a first password, which has to be changed', 7 * day, ['good', 'NotAuthorizedException', 'good']),
  end('the time to change a first password', 3 * minute, ['good', 'NotAuthorizedException', 'good']),
  end('a sign-in that is fresh enough to be erased by', 10 * minute, ['good', 'sign-in-too-old', 'good']),
  // Whose a car is.
  end('the code on a car’s screen', codeLifetime, ['good', 'claim-code-expired', 'good']),
  end('the offer of a car', offerLifetime, ['good', 'offer-not-found', 'good']),
  hold('the codes that a car may ask for', 10 * minute, ['too-often', 'good', 'good']),
  hold('the tries at the code of one car', 10 * minute, [
    'claim-code-exhausted',
    'claim-code-wrong',
    'claim-code-wrong',
  ]),
  // What the API remembers.
  end('the memory of a key', memoryTime, ['good', 'carried out anew', 'carried out anew']),
  hold('the lease of a request that died', leaseTime, ['operation-in-progress', 'good', 'good']),
  hold('being shut out', minute, ['circuit-open', 'good', 'circuit-open']),
  // Files.
  end('the place for an upload', uploadTime, ['good', '403', 'good']),
  end('an import that nobody uploads', 2 * uploadTime, ['waiting', 'upload-expired', 'upload-expired']),
  end('the link to a report', downloadTime, ['good', '403', 'good']),
  end('a file that was uploaded', 7 * day, ['good', 'gone', 'gone'], lifecycle.midnight + lifecycle.round),
  end('a file that was exported', 7 * day, ['good', 'gone', 'gone'], lifecycle.midnight + lifecycle.round),
  end('the report of an import', 30 * day, ['good', 'gone', 'gone'], lifecycle.midnight + lifecycle.round),
  // What vehicles are given and told.
  end('a command that nobody answers', minute + 5 * second, ['sent', 'expired', 'expired']),
  hold('a VIN that is kept for a key', reservationTime, ['refused', 'good', 'good']),
  end('the token of a certificate that is not registered', hour, [
    'good',
    'InvalidCertificateOwnershipToken',
    'InvalidCertificateOwnershipToken',
  ]),
  end('the count of a vehicle’s connections', hour, ['connection 1', 'connection 0', 'connection 1']),
  end('a message for a vehicle that is away', hour / 2, ['good', 'gone', 'gone']),
  end('the session of a vehicle that is away', hour, ['good', 'anew', 'anew']),
  end('a retained message', hour, ['good', 'ResourceNotFoundException', 'ResourceNotFoundException']),
  // What the tables keep for a time.
  end('the history of telemetry', 90 * day, ['good', 'gone', 'gone']),
  end('what is known of a command', 90 * day, ['good', 'gone', 'gone']),
  end('what is known of an import', 30 * day, ['good', 'gone', 'gone']),
  end('what is known of an export', 30 * day, ['good', 'gone', 'gone']),
  end('an audit record', auditMemory, ['good', 'gone', 'gone']),
];

/** How each is brought about, by its name. */
export const makers: Readonly<Record<string, Make>> = {
  ...{ ...ofPeople, ...ofOwnership, ...ofRequests, ...ofTransfers },
  ...{ ...ofVehicles, ...ofMessages, ...ofRecords },
};

function end(
  name: string,
  life: number,
  [before, after, back]: readonly [before: string, after: string, back: string],
  late = 0,
): Expiry {
  return { name, life, before, after, back, late, holds: false };
}

function hold(name: string, life: number, answers: readonly [before: string, after: string, back: string]): Expiry {
  return { ...end(name, life, answers), holds: true };
}
