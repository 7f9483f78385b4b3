import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isLoopbackAddress, isPublicAddress, urlFault } from '#shared/webhooks/address-rules.ts';

const refused = [
  ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '100.127.255.255', '127.0.0.1', '127.255.0.9', '169.254.169.254'],
  ...['172.16.0.1', '172.31.255.255', '192.168.1.1', '192.0.2.7', '198.18.0.1', '198.51.100.1', '203.0.113.1'],
  ...['224.0.0.1', '239.1.1.1', '240.0.0.1', '255.255.255.255'],
  ...['::', '::1', 'fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd00:ec2::254', 'ff02::1', '2001:db8::1', '100::1'],
  ...['::ffff:10.0.0.1', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '64:ff9b::a00:1', '2002:a00:1::', '2001:0:1::'],
  ...['', 'nonsense', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4.5', '1::2::3', ':::'],
];
const open = [
  ...['8.8.8.8', '1.1.1.1', '100.63.255.255', '100.128.0.0', '172.15.255.255', '172.32.0.0', '169.253.1.1'],
  ...['2606:4700::1111', '2a00:1450:4001:82b::200e', '2001:4860:4860:0:0:0:0:8888', '192.169.0.1'],
];

test.each(refused)('%j is no address that anybody is sent to', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each(open)('%j is one of the public network', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test('no way to write an IPv4 address in IPv6 makes it public', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
      const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
      for (const prefix of ['::ffff:', '::', '64:ff9b::', '2002:']) {
        const written = prefix === '2002:' ? `2002:${hex}::` : `${prefix}${hex}`;
        expect(isPublicAddress(written), written).toBe(false);
      }
    }),
  );
});

test('a private address stays refused however a URL writes it', () => {
  const asHost = [
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '127.1',
    '[::1]',
    '[::ffff:7f00:1]',
    '10.0.0.1.',
    '0',
    '①②⑦.0.0.1',
  ];
  for (const host of asHost)
    expect(urlFault(`https://${host}/hook`, { allowLoopback: false }), host).toMatch(/none of the public network$/);
});

test.each([
  ['http://partner.example.com/hook', 'is not https'],
  ['ftp://partner.example.com/', 'is not https'],
  ['https://partner.example.com:8080/', 'names the port 8080: 443 and 8443 are called'],
  ['https://me:secret@partner.example.com/', 'holds a name or a password: messages are signed instead'],
  ['https://partner.example.com/#there', 'has a fragment, which is sent to nobody'],
  ['https://localhost/', 'is a name that is none of the public network'],
  ['https://metadata.google.internal/', 'is a name that is none of the public network'],
  ['https://printer/', 'is a name that is none of the public network'],
  ['https://169.254.169.254/latest/meta-data', 'is an address that is none of the public network'],
  ['hook', 'is no URL'],
  [`https://partner.example.com/${'x'.repeat(1024)}`, 'is longer than 1024 characters'],
])('%s is refused by what is wrong with it', (url, fault) => {
  expect(urlFault(url, { allowLoopback: false })).toBe(fault);
});

test('a public https URL is taken, and a developer’s own machine by its own cloud alone', () => {
  for (const url of ['https://partner.example.com/hook?x=1', 'https://partner.example.com:8443/', 'https://8.8.8.8/']) {
    expect(urlFault(url, { allowLoopback: false })).toBeUndefined();
  }
  expect(urlFault('http://127.0.0.1:4711/', { allowLoopback: true })).toBeUndefined();
  expect(urlFault('http://10.0.0.1:4711/', { allowLoopback: true })).toBe('is not https');
  expect(['127.0.0.1', '::1', '10.0.0.1', '8.8.8.8'].map(isLoopbackAddress)).toEqual([true, true, false, false]);
});
