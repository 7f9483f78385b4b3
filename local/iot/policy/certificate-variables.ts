import '#local/iot/authority/reflect.ts';
import {
  type GeneralNames,
  IssuerAlternativeNameExtension,
  type Name,
  SubjectAlternativeNameExtension,
  X509Certificate,
} from '@peculiar/x509';

const nameFields: Readonly<Record<string, string>> = {
  DistinguishedNameQualifier: '2.5.4.46',
  Country: '2.5.4.6',
  Organization: '2.5.4.10',
  OrganizationalUnit: '2.5.4.11',
  State: '2.5.4.8',
  CommonName: '2.5.4.3',
  SerialNumber: '2.5.4.5',
  Title: '2.5.4.12',
  Surname: '2.5.4.4',
  GivenName: '2.5.4.42',
  Initials: '2.5.4.43',
  Pseudonym: '2.5.4.65',
  GenerationQualifier: '2.5.4.44',
};

const alternativeNames = {
  email: 'RFC822Name',
  dns: 'DNSName',
  dn: 'DirectoryName',
  url: 'UniformResourceIdentifier',
  ip: 'IPAddress',
} as const;

/**
 * The `iot:Certificate.…` variables of a certificate. Of several values `.X` is the first, `.X.1` the second
 * and `.X.List` all of them. Values that could act as wildcards, or are too long, are left out.
 * Source: "X.509 certificate policy variables", AWS IoT Core Developer Guide.
 */
export function certificateVariables(certificate: Buffer): ReadonlyMap<string, string | readonly string[]> {
  const parsed = new X509Certificate(new Uint8Array(certificate));
  const found = new Map<string, string | readonly string[]>();
  add(found, 'iot:Certificate.SerialNumber', [parsed.serialNumber]);
  addName(found, 'iot:Certificate.Subject', parsed.subjectName);
  addName(found, 'iot:Certificate.Issuer', parsed.issuerName);
  addAlternatives(found, 'iot:Certificate.Subject', parsed.getExtension(SubjectAlternativeNameExtension)?.names);
  addAlternatives(found, 'iot:Certificate.Issuer', parsed.getExtension(IssuerAlternativeNameExtension)?.names);
  found.set('iot:Certificate.AvailableKeys', [...found.keys()]);
  return found;
}

/** AWS IoT does not substitute such texts of certificates; the same is done for attributes of things. */
export function isSubstitutable(text: string): boolean {
  return text.length <= 1024 && !/[*$+?#]/.test(text);
}

function addName(found: Map<string, string | readonly string[]>, prefix: string, name: Name): void {
  for (const [field, oid] of Object.entries(nameFields)) add(found, `${prefix}.${field}`, name.getField(oid));
}

function addAlternatives(
  found: Map<string, string | readonly string[]>,
  prefix: string,
  names: GeneralNames | undefined,
): void {
  for (const [type, field] of Object.entries(alternativeNames)) {
    const values = names?.items.flatMap((name) => (name.type === type ? [name.value] : [])) ?? [];
    add(found, `${prefix}.AlternativeName.${field}`, values);
  }
}

const mostValues = 5; // AWS IoT ignores the rest

function add(found: Map<string, string | readonly string[]>, key: string, all: readonly string[]): void {
  const values = all.slice(0, mostValues);
  for (const [index, value] of values.entries()) {
    if (!isSubstitutable(value)) continue;
    if (index === 0) found.set(key, value);
    found.set(`${key}.${index}`, value);
  }
  if (values.length > 0) found.set(`${key}.List`, values.filter(isSubstitutable));
}
