import type { FailureKind } from '#shared/kernel/failure.ts';
import { accessFailures } from './access-problems.ts';
import { bookingFailures } from './booking-problems.ts';
import { campaignFailures } from './campaign-problems.ts';
import { careFailures } from './care-problems.ts';
import { caseFailures } from './case-problems.ts';
import { deviceCloudFailures } from './device-cloud-problems.ts';
import { fieldFailures } from './field-problems.ts';
import { ledgerFailures } from './ledger-problems.ts';
import { mobilityFailures } from './mobility-problems.ts';
import { ownershipFailures } from './ownership-problems.ts';
import { partnerAssetFailures } from './partner-asset-problems.ts';
import { partnerFailures } from './partner-problems.ts';
import { statusOf, type TransportProblem, transportProblems } from './problems.ts';
import { registryFailures } from './registry-problems.ts';
import { releaseFailures } from './release-problems.ts';
import { requestFailures } from './request-problems.ts';
import { sharingSetupFailures } from './sharing-setup-problems.ts';
import { tripFailures } from './trip-problems.ts';
import { webhookFailures } from './webhook-problems.ts';

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
  ...careFailures,
  ...bookingFailures,
  ...sharingSetupFailures,
  ...tripFailures,
  ...ledgerFailures,
  ...partnerFailures,
  ...webhookFailures,
  ...fieldFailures,
  ...mobilityFailures,
  ...partnerAssetFailures,
  ...requestFailures,
  ...accessFailures,
  ...ownershipFailures,
  ...registryFailures,
  ...deviceCloudFailures,
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
  'version-not-acceptable': {
    when: '`Accept` asks for a media type, or for a version of MDS, that is not there.',
    remedy: 'Ask for what `resolution` names.',
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
