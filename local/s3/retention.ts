import { s3Error } from './s3-error.ts';
import type { Retention } from './stored-object.ts';
import { readXml, writeXml } from './xml.ts';

type Headers = Readonly<Record<string, string | undefined>>;

export const retentionNames = ['x-amz-object-lock-mode', 'x-amz-object-lock-retain-until-date'];

/**
 * What a writer wants an object to be kept for.
 *
 * @throws AwsError InvalidRequest, InvalidArgument
 */
export function wantedRetention(headers: Headers, locks: boolean, now: number): Retention | undefined {
  const [mode, until] = retentionNames.map((name) => headers[name]);
  if (mode === undefined && until === undefined) return undefined;
  if (!locks) throw s3Error('InvalidRequest', 'Bucket is missing Object Lock Configuration');
  return retention(mode, until, now);
}

/** @throws AwsError MalformedXML, InvalidArgument */
export function readRetention(document: string, now: number): Retention {
  const { name, children } = readXml(document);
  if (name !== 'Retention') throw s3Error('MalformedXML');
  const text = (member: string) => children.find((child) => child.name === member)?.text.trim();
  return retention(text('Mode'), text('RetainUntilDate'), now);
}

function retention(mode: string | undefined, until: string | undefined, now: number): Retention {
  const at = Date.parse(until ?? '');
  if ((mode !== 'COMPLIANCE' && mode !== 'GOVERNANCE') || Number.isNaN(at)) {
    throw s3Error('InvalidArgument', 'Object Lock wants a mode, COMPLIANCE or GOVERNANCE, and a date.');
  }
  if (at <= now) throw s3Error('InvalidArgument', 'The retain until date must be in the future!');
  return { mode, until: at };
}

/**
 * Nobody shortens what is kept in COMPLIANCE mode (S3 user guide, "Object Lock: retention modes").
 *
 * @throws AwsError AccessDenied
 */
export function checkExtension(present: Retention | undefined, wanted: Retention, now: number): void {
  if (present === undefined || present.until <= now) return;
  const weaker = present.mode === 'COMPLIANCE' && wanted.mode !== 'COMPLIANCE';
  if (weaker || wanted.until < present.until) throw locked();
}

/** @throws AwsError AccessDenied while it is to be kept */
export function checkUnlocked(present: Retention | undefined, now: number): void {
  // Who may bypass GOVERNANCE would say so in a header that this service does not know.
  if (present !== undefined && present.until > now) throw locked();
}

export function retentionHeaders(present: Retention | undefined): Record<string, string> {
  if (present === undefined) return {};
  return {
    'x-amz-object-lock-mode': present.mode,
    'x-amz-object-lock-retain-until-date': new Date(present.until).toISOString(),
  };
}

export function retentionXml({ mode, until }: Retention): string {
  return writeXml('Retention', { Mode: mode, RetainUntilDate: new Date(until).toISOString() });
}

function locked() {
  return s3Error('AccessDenied', 'Access Denied because object protected by object lock.');
}
