import { certificateVariables } from './certificate-variables.ts';

export type Values = ReadonlyMap<string, string | readonly string[]>;

/** What TLS proves about a device, and where it calls from. */
export interface DeviceCaller {
  readonly certificateId: string;
  /** DER. */
  readonly certificate: Buffer;
  readonly ipAddress: string;
  /** The server name that the device asked for (SNI). */
  readonly domainName: string | undefined;
}

/** The policy variables that every device has, over MQTT as over HTTPS, and `more` of its own, by canonical name. */
export function callerVariables(
  { certificateId, certificate, ipAddress, domainName }: DeviceCaller,
  more: readonly (readonly [string, string | readonly string[] | undefined])[] = [],
): Values {
  const known: typeof more = [
    ...certificateVariables(certificate),
    ['iot:CertificateId', certificateId],
    ['aws:SourceIp', ipAddress],
    ['iot:DomainName', domainName],
    ...more,
  ];
  return new Map(known.flatMap(([name, value]) => (value === undefined ? [] : [[canonical(name), value] as const])));
}

/** Names of condition keys and variables are not case-sensitive; names of attributes are. */
export function canonical(name: string): string {
  const bracket = name.indexOf('[');
  return bracket < 0 ? name.toLowerCase() : `${name.slice(0, bracket).toLowerCase()}${name.slice(bracket)}`;
}
