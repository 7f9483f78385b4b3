import { TransportFault } from './input.ts';

/** Of MDS, as it is told in answers. */
export const mdsVersion = '2.0.0';
/** Major and minor: MDS 2.0, "Versioning". */
const versions = ['2.0'];
const mediaType = 'application/vnd.mds+json';

export const mdsContentType = `${mediaType};version=2.0`;

/**
 * Whoever asks for nothing in particular gets the version there is; whoever names another, or MDS without one, does not:
 * MDS takes that for version 0.2.
 *
 * @throws TransportFault 406
 */
export function requireMdsVersion(accept: string | undefined): void {
  const ranges = (accept ?? '*/*').toLowerCase().split(',').map(rangeOf);
  if (ranges.some(isThere)) return;
  const there = versions.map((version) => `${mediaType};version=${version}`).join(' or ');
  throw new TransportFault('notAcceptable', {}, `Send Accept: ${there}.`);
}

interface MediaRange {
  readonly type: string;
  readonly version: string | undefined;
}

function rangeOf(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim());
  const version = parameters
    .map((one) => /^version\s*=\s*"?([^"]*)"?$/.exec(one)?.[1])
    .find((one) => one !== undefined);
  // RFC 9110, 12.4.2: what has no weight is not wanted.
  const isUnwanted = parameters.some((one) => /^q\s*=\s*0(\.0*)?$/.test(one));
  return { type: isUnwanted ? '' : type, version };
}

function isThere({ type, version }: MediaRange): boolean {
  if (type === mediaType) return version !== undefined && versions.includes(version);
  return type === '*/*' || type === 'application/*';
}
