/** Which addresses of the internet are nobody's business of ours: RFC 6890 and its IANA registries, by CIDR. */
const refusedV4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24'],
  ...['203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
].map(v4Range);

/** Global unicast is 2000::/3; of it, what is documentation, benchmarking, or leads to an IPv4 address inside. */
const refusedV6 = [...['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']].map(v6Range);
const global = v6Range('2000::/3');
const loopbackV4 = v4Range('127.0.0.0/8');

interface Range {
  readonly from: bigint;
  readonly shift: bigint;
}

/**
 * Whether an address is one of the public network. Everything else leads into somebody's own: loopback, link-local with
 * the clouds' metadata, private, shared (CGNAT), multicast, reserved, and IPv6 that carries IPv4.
 *
 * @param address as a resolver gives it
 */
export function isPublicAddress(address: string): boolean {
  const v4 = v4Number(address);
  if (v4 !== undefined) return !refusedV4.some((range) => isIn(v4, range));
  const v6 = v6Number(address);
  return v6 !== undefined && isIn(v6, global) && !refusedV6.some((range) => isIn(v6, range));
}

export function isLoopbackAddress(address: string): boolean {
  const v4 = v4Number(address);
  return v4 === undefined ? v6Number(address) === 1n : isIn(v4, loopbackV4);
}

export function isAddress(text: string): boolean {
  return v4Number(text) !== undefined || v6Number(text) !== undefined;
}

const longestUrl = 1024;
const ports = ['', '443', '8443'];
/** RFC 6761 and 6762, RFC 8375, and what routers and clouds call their own. */
const ownNames = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|home\.arpa|test|invalid|onion)$/;

export interface UrlRules {
  /** A cloud on a developer's machine calls receivers there, without TLS and on any port. */
  readonly allowLoopback: boolean;
}

/**
 * What is wrong with where messages are to go, before anybody asks the name's servers.
 *
 * @returns undefined where nothing is
 */
export function urlFault(text: string, { allowLoopback }: UrlRules): string | undefined {
  if (text.length > longestUrl) return `is longer than ${longestUrl} characters`;
  if (!URL.canParse(text)) return 'is no URL';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'holds a name or a password: messages are signed instead';
  if (url.hash !== '') return 'has a fragment, which is sent to nobody';
  const host = hostOf(url);
  if (allowLoopback && isLoopbackHost(host)) {
    return ['http:', 'https:'].includes(url.protocol) ? undefined : 'is not https';
  }
  if (url.protocol !== 'https:') return 'is not https';
  if (!ports.includes(url.port)) return `names the port ${url.port}: 443 and 8443 are called`;
  if (isAddress(host)) return isPublicAddress(host) ? undefined : 'is an address that is none of the public network';
  if (!host.includes('.') || ownNames.test(host)) return 'is a name that is none of the public network';
  return undefined;
}

/** The name or the address, without the brackets of IPv6 and the dot of the root. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || isLoopbackAddress(host);
}

/** @param cidr `10.0.0.0/8` */
function v4Range(cidr: string): Range {
  const [address = '', length] = cidr.split('/');
  const shift = BigInt(32 - Number(length));
  return { from: (v4Number(address) ?? 0n) >> shift, shift };
}

function v6Range(cidr: string): Range {
  const [address = '', length] = cidr.split('/');
  const shift = BigInt(128 - Number(length));
  return { from: (v6Number(address) ?? 0n) >> shift, shift };
}

function isIn(address: bigint, { from, shift }: Range): boolean {
  return address >> shift === from;
}

/** Four decimal parts and nothing else: URL parsers have turned every other notation into it. */
function v4Number(text: string): bigint | undefined {
  if (!/^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.|$)){4}$/.test(text) || text.endsWith('.')) return undefined;
  return text.split('.').reduce((number, part) => (number << 8n) | BigInt(part), 0n);
}

/** RFC 4291, section 2.2: eight groups, one gap, the last two perhaps as IPv4. No zones: they name a link of ours. */
function v6Number(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2 || !text.includes(':')) return undefined;
  const [head, tail] = [groups(halves[0] ?? ''), halves.length === 2 ? groups(halves[1] ?? '') : []];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const all = [...head, ...Array.from({ length: missing }, () => 0n), ...tail];
  return all.reduce((number, group) => (number << 16n) | group, 0n);
}

function groups(text: string): readonly bigint[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const v4 = v4Number(parts.at(-1) ?? '');
  const words = v4 === undefined ? parts : parts.slice(0, -1);
  if (!words.every((word) => /^[0-9a-f]{1,4}$/i.test(word))) return undefined;
  const numbers = words.map((word) => BigInt(`0x${word}`));
  return v4 === undefined ? numbers : [...numbers, v4 >> 16n, v4 & 0xffffn];
}
