import '#local/iot/authority/reflect.ts';
import { webcrypto } from 'node:crypto';
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';
import { describe, expect, test } from 'vitest';
import { certificateVariables } from '#local/iot/policy/certificate-variables.ts';

async function variablesOf(name: string): Promise<ReadonlyMap<string, string | readonly string[]>> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name,
      serialNumber: '0102ff',
      keys,
      signingAlgorithm: algorithm,
      extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: 'car.example' }])],
    },
    webcrypto,
  );
  return certificateVariables(Buffer.from(certificate.rawData));
}

describe('the variables of a certificate', () => {
  test('name its subject, issuer, serial number and alternative names', async () => {
    const variables = await variablesOf('CN=car, O=Example, C=DE');

    expect(variables.get('iot:Certificate.Subject.CommonName')).toBe('car');
    expect(variables.get('iot:Certificate.Issuer.Organization')).toBe('Example');
    expect(variables.get('iot:Certificate.Subject.Country')).toBe('DE');
    expect(variables.get('iot:Certificate.SerialNumber')).toBe('0102ff');
    expect(variables.get('iot:Certificate.Subject.AlternativeName.DNSName')).toBe('car.example');
    expect(variables.has('iot:Certificate.Subject.Title')).toBe(false);
    expect(variables.get('iot:Certificate.AvailableKeys')).toContain('iot:Certificate.Subject.CommonName');
  });

  test('give the first of several values, each by index, and all as a list', async () => {
    const variables = await variablesOf('CN=car, OU=first, OU=second');

    expect(variables.get('iot:Certificate.Subject.OrganizationalUnit')).toBe('first');
    expect(variables.get('iot:Certificate.Subject.OrganizationalUnit.1')).toBe('second');
    expect(variables.get('iot:Certificate.Subject.OrganizationalUnit.2')).toBeUndefined();
    expect(variables.get('iot:Certificate.Subject.OrganizationalUnit.List')).toEqual(['first', 'second']);
  });

  test.each(['a*', 'a?', 'a$', 'a#', 'x'.repeat(1025)])(
    'leave out a value that could widen a policy: %s',
    async (value) => {
      const variables = await variablesOf(`CN=${value.replace('#', '\\#')}`);

      expect(variables.has('iot:Certificate.Subject.CommonName')).toBe(false);
    },
  );
});
