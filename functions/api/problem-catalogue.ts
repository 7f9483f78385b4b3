import type { FailureKind } from '#shared/kernel/failure.ts';
import { bookingFailures } from './booking-problems.ts';
import { campaignFailures } from './campaign-problems.ts';
import { caseFailures } from './case-problems.ts';
import { statusOf, type TransportProblem, transportProblems } from './problems.ts';
import { releaseFailures } from './release-problems.ts';
import { sharingSetupFailures } from './sharing-setup-problems.ts';
import { tripFailures } from './trip-problems.ts';

interface Entry {
  readonly when: string;
  /** What the client does about it. */
  readonly remedy: string;
}

/** Every code that a `Failure` brings to the API, and what is to be said of it once and for all. */
const failures = {
  ...releaseFailures,
  ...campaignFailures,
  ...caseFailures,
  ...bookingFailures,
  ...sharingSetupFailures,
  ...tripFailures,
  'malformed-body': {
    kind: 'invalid',
    when: 'The body is not JSON in UTF-8.',
    remedy: 'Send the body as JSON.',
  },
  'invalid-body': {
    kind: 'invalid',
    when: 'The body is JSON, but not what its schema asks for.',
    remedy: 'Correct the members that `errors` names by their JSON pointers.',
  },
  'invalid-parameter': {
    kind: 'invalid',
    when: 'A query parameter is not valid, not known, or there twice.',
    remedy: 'Correct the parameters that `errors` names.',
  },
  'invalid-header': {
    kind: 'invalid',
    when: 'A header is not of its form; an `Idempotency-Key` may not be empty.',
    remedy: 'Correct the headers that `errors` names.',
  },
  'idempotency-key-missing': {
    kind: 'invalid',
    when: 'The operation would do another time what is only tried again: it needs an `Idempotency-Key`.',
    remedy: 'Send a new key with each request that is meant, and the same one with each try of it.',
  },
  'bad-cursor': {
    kind: 'invalid',
    when: 'The cursor is not from a page of this very query.',
    remedy: 'Send `nextCursor` unchanged, with the same parameters; or begin again without it.',
  },
  'empty-range': {
    kind: 'invalid',
    when: '`from` is not before `to`.',
    remedy: 'Ask for a range that has a length.',
  },
  'unknown-brand': {
    kind: 'invalid',
    when: 'This platform has no such brand.',
    remedy: 'Take one of those that `resolution` lists.',
  },
  'twin-not-acceptable': {
    kind: 'invalid',
    when: 'The settings are nested too deeply, a list holds a null, or a name or a text is none that every device cloud takes.',
    remedy: 'Flatten the settings; to remove one, send null as its value.',
  },
  'scope-missing': {
    kind: 'forbidden',
    when: 'The token lacks a scope that the operation, or a part of the answer, needs.',
    remedy: 'Ask for a token with the scope that `detail` names; the client has to be allowed it.',
  },
  'client-token-needed': {
    kind: 'forbidden',
    when: 'A person’s token came where only partners’ systems may ask.',
    remedy: 'Ask with a token of a machine client (client credentials).',
  },
  'person-token-needed': {
    kind: 'forbidden',
    when: 'A machine’s token came where only a person may ask.',
    remedy: 'Let the person sign in and ask with their access token.',
  },
  'sign-in-too-old': {
    kind: 'forbidden',
    when: 'What cannot be undone asks for a sign-in of the last ten minutes; the token’s is older (`auth_time`).',
    remedy: 'Let the person sign in again (`prompt=login`) and ask with the new access token; renewing is not enough.',
  },
  'every-brand-needed': {
    kind: 'forbidden',
    when: 'It concerns persons, or the platform as a whole, and the client acts for some brands only.',
    remedy: 'Ask with a client of the platform’s operator.',
  },
  'brand-not-allowed': {
    kind: 'forbidden',
    when: 'The client does not act for this brand.',
    remedy: 'Leave the brand out to see your own; the operator of the platform gives brands to clients.',
  },
  'claim-code-wrong': {
    kind: 'forbidden',
    when: 'Vehicle and code do not belong together. Whether there is such a vehicle, and whether it shows a code, is not said.',
    remedy: 'Compare both with the screen of the vehicle; it can show a new code at any time.',
  },
  'claim-code-expired': {
    kind: 'forbidden',
    when: 'It was the code of this vehicle for ten minutes, and these are over.',
    remedy: 'Let the vehicle show a new code.',
  },
  'claim-code-exhausted': {
    kind: 'forbidden',
    when: 'Five tries were made; also the right code opens nothing any more.',
    remedy: 'Let the vehicle show a new code.',
  },
  'not-found': {
    kind: 'not-found',
    when: 'The path leads nowhere, or an identifier in it is none.',
    remedy: 'Compare the path with the operation’s.',
  },
  'vehicle-erased': {
    kind: 'not-found',
    when: 'The data of the vehicle have been erased; it was one of the client’s brands.',
    remedy: 'Read the proof of the erasure that `resolution` names.',
  },
  'vehicle-shared': {
    kind: 'conflict',
    when: 'Somebody claims a vehicle that serves in a sharing fleet, with the right code.',
    remedy: 'Its operator decommissions it before it is sold.',
  },
  'shared-vehicle-in-use': {
    kind: 'conflict',
    when: 'A person is to be erased who holds or drives a shared vehicle.',
    remedy: 'Cancel the reservation or end the trip, then ask again.',
  },
  'person-erased': {
    kind: 'conflict',
    when: 'The person has asked for the erasure of their data, and their token is still valid.',
    remedy: 'Read how far the erasure is, and sign up anew to own a vehicle again.',
  },
  'erasure-not-found': {
    kind: 'not-found',
    when: 'There is no such erasure, or it is somebody else’s.',
    remedy: 'Ask with the erasure id that the request for erasure was answered with.',
  },
  'vehicle-not-found': {
    kind: 'not-found',
    when: 'There is no such vehicle among those of the client’s brands.',
    remedy: 'Look the vehicle up with `GET /v1/vehicles`.',
  },
  'vehicle-not-yours': {
    kind: 'not-found',
    when: 'The person does not own such a vehicle. Whether there is one is not said.',
    remedy: 'List the own vehicles with `GET /v1/me/vehicles`.',
  },
  'offer-over': {
    kind: 'conflict',
    when: 'The hand-over whose Idempotency-Key was repeated is over: it has lapsed, or was withdrawn or replaced, or the vehicle was given up since.',
    remedy: 'Offer the vehicle again under a new `Idempotency-Key`.',
  },
  'offer-not-found': {
    kind: 'not-found',
    when: 'The person is not offered this: it has lapsed, was withdrawn, replaced or declined, or was never theirs.',
    remedy: 'List the offers with `GET /v1/me/offers`.',
  },
  'command-not-found': {
    kind: 'not-found',
    when: 'The vehicle got no such command.',
    remedy: 'List the vehicle’s commands.',
  },
  'twin-reserved': {
    kind: 'forbidden',
    when: 'The platform itself speaks with the vehicle through this twin.',
    remedy: 'Use another name; a change of certificate is asked for with `POST …/certificate-rotation`.',
  },
  'twin-not-found': {
    kind: 'not-found',
    when: 'The vehicle has no twin of this name.',
    remedy: 'Make one by changing what is desired.',
  },
  'import-not-found': {
    kind: 'not-found',
    when: 'This client started no such import, or more than 30 days ago.',
    remedy: 'Start one; another client’s import cannot be seen.',
  },
  'export-not-found': {
    kind: 'not-found',
    when: 'This client started no such export, or more than 30 days ago.',
    remedy: 'Start one; another client’s export cannot be seen.',
  },
  'vin-already-registered': {
    kind: 'conflict',
    when: 'The VIN is registered with another brand, model, market or device key.',
    remedy: 'Look the vehicle up by its VIN and compare; a registration is never changed by another.',
  },
  'vehicle-owned': {
    kind: 'conflict',
    when: 'The code is right, and the vehicle has an owner.',
    remedy: 'Whoever owns it hands it on or gives it up.',
  },
  'vehicle-offline': {
    kind: 'conflict',
    when: 'The vehicle is not connected: a command could not reach it in time.',
    remedy: 'Wait until it is connected; what it should be is better said in a twin.',
  },
  'vehicle-expected': {
    kind: 'conflict',
    when: 'The vehicle is registered and has not provisioned itself yet.',
    remedy: 'Wait until it is `active`.',
  },
  'vehicle-provisioned': {
    kind: 'conflict',
    when: 'The vehicle has its certificate and has not connected with it yet.',
    remedy: 'Wait until it is `active`.',
  },
  'vehicle-suspended': {
    kind: 'conflict',
    when: 'The vehicle is cut off for a time.',
    remedy: 'Reactivate it first.',
  },
  'vehicle-moving': {
    kind: 'conflict',
    when: 'The vehicle is on its way from one device cloud to another.',
    remedy: 'Wait until it is there, or take the move back.',
  },
  'vehicle-arrived': {
    kind: 'conflict',
    when: 'The vehicle is where it was sent: there is nothing to take back.',
    remedy: 'Move it once more, to where it was.',
  },
  'vehicle-installing': {
    kind: 'conflict',
    when: 'The vehicle is installing an update.',
    remedy: 'Wait until it has said how that ended.',
  },
  'vehicle-on-trip': {
    kind: 'conflict',
    when: 'Somebody has the shared vehicle, or holds it.',
    remedy: 'Wait until the trip has ended.',
  },
  'certificate-changing': {
    kind: 'conflict',
    when: 'The vehicle is changing its certificate.',
    remedy: 'Wait until it has connected with the new one.',
  },
  'home-unknown': {
    kind: 'unacceptable',
    when: 'The deployment has no device cloud of this name.',
    remedy: 'Take one of those that the problem names.',
  },
  'vehicle-not-retired': {
    kind: 'conflict',
    when: 'The vehicle is not retired, and would go on reporting.',
    remedy: 'Retire it first; retirement is final.',
  },
  'vehicle-retired': {
    kind: 'conflict',
    when: 'The vehicle is cut off for good.',
    remedy: 'Nothing: retirement is final.',
  },
  'rotation-not-offered': {
    kind: 'conflict',
    when: 'The vehicle is at home in a device cloud in which certificates are not changed over its line.',
    remedy: 'Have its plant give it another certificate.',
  },
  'vehicle-not-provisioned': {
    kind: 'conflict',
    when: 'The device cloud does not know the vehicle yet.',
    remedy: 'Wait until it is `active`.',
  },
  'signature-replayed': {
    kind: 'conflict',
    when: 'The very same signature was taken before.',
    remedy: 'Sign anew with each attempt, under another `webhook-id`.',
  },
  'operation-in-progress': {
    kind: 'conflict',
    when: 'The first request with this `Idempotency-Key` is still running.',
    remedy: 'Send the same request again after `Retry-After`.',
  },
  'twin-changed': {
    kind: 'stale',
    when: '`desired` is no longer what the `If-Match` of the request stands for.',
    remedy: 'Read the twin again and decide anew.',
  },
  'body-too-large': {
    kind: 'too-large',
    when: 'The body is larger than 64 KiB, or than what `detail` names.',
    remedy: 'Send less at once.',
  },
  'twin-too-large': {
    kind: 'too-large',
    when: 'The twin’s desired and reported settings would take more than 8 KB together.',
    remedy: 'Use a twin for each subject.',
  },
  'handover-to-oneself': {
    kind: 'unacceptable',
    when: 'The vehicle would be handed to the person whose it is.',
    remedy: 'Name the person who shall own it.',
  },
  'idempotency-key-reused': {
    kind: 'unacceptable',
    when: 'The `Idempotency-Key` belongs to a request with another method, path or body.',
    remedy: 'Use a new key for a new request.',
  },
  'quota-exceeded': {
    kind: 'throttled',
    when: 'The client, or the person, asks more often than its quota allows. Nothing was done.',
    remedy:
      'Send the same request again after `Retry-After`; `RateLimit-Policy` says what is allowed, `RateLimit` what is left.',
  },
  'circuit-open': {
    kind: 'throttled',
    when: 'The client is shut out for a time: it kept asking without waiting, or sent hardly anything but requests that cannot succeed.',
    remedy: 'Stop, mend the program, and come back after `Retry-After`; each time in a row lasts twice as long.',
  },
  'client-not-found': {
    kind: 'not-found',
    when: 'No client of this id was ever let in or seen.',
    remedy: 'Compare the id with the issuer’s.',
  },
  'too-many-claims': {
    kind: 'throttled',
    when: 'The person has tried more than sixty codes within an hour.',
    remedy: 'Wait as long as `Retry-After` says.',
  },
  overloaded: {
    kind: 'unavailable',
    when: 'A part of the platform is overloaded. Nothing was changed, or the same request continues it.',
    remedy: 'Send the same request again after `Retry-After`, with the same `Idempotency-Key`.',
  },
  'audit-unavailable': {
    kind: 'unavailable',
    when: 'The change could not be written into the audit first. Nothing was done.',
    remedy: 'Send the same request again after `Retry-After`.',
  },
  contended: {
    kind: 'unavailable',
    when: 'Others keep changing the same thing at the same time. Nothing was changed.',
    remedy: 'Send the same request again after `Retry-After`.',
  },
  'hub-not-answering': {
    kind: 'unavailable',
    when: 'The device cloud of the vehicle does not answer. A change may have been made all the same.',
    remedy: 'Look, or send the same request again after `Retry-After`, with the same Idempotency-Key.',
  },
  'hub-throttled': {
    kind: 'unavailable',
    when: 'The device cloud of the vehicle takes no more for now. Nothing was changed.',
    remedy: 'Send the same request again after `Retry-After`.',
  },
  'vehicle-queue-full': {
    kind: 'unavailable',
    when: 'The vehicle is away, and its device cloud keeps as many messages for it as it can.',
    remedy: 'Wait until the vehicle was online, or until what waits has expired.',
  },
  'issuer-unreachable': {
    kind: 'unavailable',
    when: 'The issuer of the tokens does not say where they are had: this page and its document wait for it.',
    remedy: 'Load the page again after `Retry-After`.',
  },
} as const satisfies Readonly<Record<string, Entry & { readonly kind: FailureKind }>>;

type TransportCode = (typeof transportProblems)[TransportProblem]['code'];

const transports = {
  unauthenticated: {
    when: 'The token is no access token of a client. API Gateway answers most of these itself.',
    remedy: 'Get a token as the first call shows.',
  },
  'signature-invalid': {
    when: 'A device cloud posts under a key that is unknown here, or for another home, or not what was signed.',
    remedy:
      'Sign `id.timestamp.body` with the key that `webhook-key` names; its public half is a parameter of the stack.',
  },
  'signature-expired': {
    when: 'The clock of whoever posts is more than five minutes off, or the post was held up for so long.',
    remedy: 'Set the clock, and sign anew with each attempt.',
  },
  'method-not-allowed': {
    when: 'The path has no such method.',
    remedy: 'Use one of those that `Allow` lists.',
  },
  'unsupported-media-type': {
    when: 'The body is of another media type, or compressed.',
    remedy: 'Send what `resolution` names, without a `Content-Encoding`.',
  },
  unexpected: {
    when: 'The fault is ours.',
    remedy: 'Send the same request again; if it stays so, tell us the `requestId`.',
  },
} satisfies Readonly<Record<TransportCode, Entry>>;

export type ProblemCode = keyof typeof failures | TransportCode;

export interface DescribedProblem extends Entry {
  readonly code: string;
  readonly status: number;
  readonly title: string;
}

/** By status, as the reference lists them. */
export const describedProblems: readonly DescribedProblem[] = [...ofFailures(), ...ofTransports()].sort(
  (one, other) => one.status - other.status,
);

function ofFailures(): DescribedProblem[] {
  return Object.entries(failures).map(([code, { kind, when, remedy }]) => {
    const [status, title] = statusOf(kind);
    return { code, status, title, when, remedy };
  });
}

function ofTransports(): DescribedProblem[] {
  return Object.values(transportProblems).map(({ code, status, title }) => ({
    ...{ code, status, title },
    ...transports[code],
  }));
}
