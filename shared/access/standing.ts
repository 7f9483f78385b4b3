import type { Instant } from '../kernel/clock.ts';
import { type Circuit, type Conduct, circuitState, conductWindow, judged, quiet } from './circuit.ts';
import { type Bucket, filled, fullBucket, type Quota, take } from './quota.ts';

/** What all instances together know of a client: what is left of its quota, and how it behaved. */
export interface Standing {
  readonly bucket: Bucket;
  readonly conduct: Conduct & { readonly since: Instant };
  readonly circuit?: Circuit | undefined;
}

/** What an instance asks of the shared standing, and reports to it. */
export interface Settlement {
  /** Tokens. */
  readonly wanted: number;
  /** What happened since the last settlement. */
  readonly report: Conduct;
  /** Nothing shuts this one out, and what did before is void. */
  readonly spared?: boolean;
}

export interface Settled {
  readonly standing: Standing;
  readonly taken: number;
  /** This very settlement shut the client out. */
  readonly shutOut: boolean;
}

/** Nothing is known: nothing was asked for. */
export function freshStanding(quota: Quota, now: Instant): Standing {
  return { bucket: fullBucket(quota, now), conduct: { ...quiet, since: now } };
}

export function settled(
  known: Standing | undefined,
  quota: Quota,
  { wanted, report, spared = false }: Settlement,
  now: Instant,
): Settled {
  const before = known ?? freshStanding(quota, now);
  const conduct = added(before.conduct, report, now);
  const circuit = spared ? undefined : judged(before.circuit, conduct, quota, now);
  const shutOut = circuit !== undefined && circuit !== before.circuit;
  const full = filled(before.bucket, quota, now);
  const { taken, bucket } = circuitState(circuit, now) === 'open' ? { taken: 0, bucket: full } : take(full, wanted);
  // What led to the door is paid for: the trial afterwards begins with a clean sheet.
  const counted = shutOut ? { ...quiet, since: now } : conduct;
  return { standing: { bucket, conduct: counted, ...(circuit !== undefined && { circuit }) }, taken, shutOut };
}

/** Let in again by a person, with nothing held against the client. */
export function readmitted({ bucket }: Standing, now: Instant): Standing {
  return { bucket, conduct: { ...quiet, since: now } };
}

function added(before: Standing['conduct'], report: Conduct, now: Instant): Standing['conduct'] {
  const age = now - before.since;
  const { requests, ignored, nonsense, since } = age >= 0 && age < conductWindow ? before : { ...quiet, since: now };
  return {
    since,
    requests: requests + report.requests,
    ignored: ignored + report.ignored,
    nonsense: nonsense + report.nonsense,
  };
}
