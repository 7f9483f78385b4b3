import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cryptography, signerOf } from '#device-sdk/ota/verification/cryptography.ts';
import { verifyRepositories } from '#device-sdk/ota/verification/repository-directory.ts';
import { canonicalForms } from '#shared/ota/uptane/canonical.ts';
import { newSigner, type TestSigner } from '../../../support/uptane-repositories.ts';
import { attackIn } from '../../../support/uptane-world.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vector-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const at = Date.UTC(2030, 0, 1);
const content = Buffer.from('wat wat wat\n');
const digests = (bytes: Uint8Array) => ({
  sha256: cryptography.digest('sha256', bytes),
  sha512: cryptography.digest('sha512', bytes),
});

/** How somebody else writes repositories; nothing here comes from our own builders. */
interface Manner {
  readonly signer: TestSigner;
  readonly encoding: 'hex' | 'base64';
  readonly method: string;
  readonly keytype: string;
  /** Which canonical form is signed: 0 is OLPC's, 1 is JSON's. */
  readonly form: 0 | 1;
  /** Of which form Timestamp lists the hashes. */
  readonly listed: 'file' | 'canonical';
}

const plain: Manner = {
  signer: newSigner(),
  ...{ encoding: 'hex', method: 'ed25519', keytype: 'ed25519', form: 0, listed: 'file' },
};

type Custom = Readonly<Record<string, unknown>>;

interface Said {
  readonly manner?: Partial<Manner>;
  readonly custom?: Custom | undefined;
  readonly withoutSnapshot?: boolean;
  readonly change?: (role: string, signed: Custom) => Custom;
}

async function write(place: string, said: Said = {}): Promise<void> {
  const manner = { ...plain, ...said.manner };
  const { signer, keytype } = manner;
  const publicKey = `${signer.publicKey.keyval.public}\n`;
  const common = { expires: '2038-01-19T03:14:06Z', version: 1 };
  const role = { keyids: ['a'], threshold: 1 };
  const online = said.withoutSnapshot === true ? {} : { snapshot: role, timestamp: role };
  const save = async (name: string, type: string, payload: Custom) => {
    const signed = said.change?.(name, { _type: type, ...payload }) ?? { _type: type, ...payload };
    const forms = canonicalForms(signed);
    const bytes = forms[manner.form] ?? forms[0];
    const sig = Buffer.from(await signer.sign(bytes)).toString(manner.encoding);
    const file = { signatures: [{ keyid: 'a', method: manner.method, sig }], signed };
    const text = `${JSON.stringify(file, undefined, 2)}\n`;
    const path = join(directory, place, `${name}.json`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return manner.listed === 'file' ? Buffer.from(text) : Buffer.from(canonicalForms(file)[0]);
  };
  const keys = { a: { keytype, keyval: { public: publicKey } } };
  const root = { ...common, consistent_snapshot: false, keys, roles: { root: role, targets: role, ...online } };
  await save('1.root', 'Root', root);
  await save('root', 'Root', root);
  const target = { length: content.length, hashes: digests(content) };
  const targets = { 'file.txt': said.custom === undefined ? target : { ...target, custom: said.custom } };
  await save('targets', 'Targets', { ...common, targets });
  if (said.withoutSnapshot === true) return;
  const snapshot = await save('snapshot', 'Snapshot', { ...common, meta: { 'targets.json': { version: 1 } } });
  const listing = { version: 1, length: snapshot.length, hashes: digests(snapshot) };
  await save('timestamp', 'Timestamp', { ...common, meta: { 'snapshot.json': listing } });
}

function image(path = 'image_repo/file.txt', bytes: Uint8Array = content): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), bytes);
}

describe('repositories on a disk, as others publish them', () => {
  test('two honest ones verify, image and all', async () => {
    await write('director');
    await write('image_repo');
    image();

    const { images } = await verifyRepositories(directory, { at });

    expect(images).toMatchObject([{ path: 'file.txt', length: 12, hashes: digests(content) }]);
  });

  const rsaKey = generateKeyPairSync('rsa', { modulusLength: 2048 });

  test.each<[string, Partial<Manner>]>([
    ['signatures in base64', { encoding: 'base64' }],
    ['RSA-PSS with SHA-256', { signer: signerOf(rsaKey.privateKey), method: 'rsassa-pss-sha256', keytype: 'rsa' }],
    ['RSA-PSS by its short name', { signer: signerOf(rsaKey.privateKey), method: 'rsassa-pss', keytype: 'RSA' }],
    [
      'RSA-PSS with SHA-512',
      { signer: signerOf(rsaKey.privateKey, 'rsassa-pss-sha512'), method: 'rsassa-pss-sha512', keytype: 'rsa' },
    ],
    [
      'keys in PEM under JSON’s own escapes',
      { signer: signerOf(rsaKey.privateKey), method: 'rsassa-pss', keytype: 'RSA', form: 1 },
    ],
    ['hashes of the canonical form', { listed: 'canonical' }],
  ])('%s', async (_name, manner) => {
    await write('director', { manner });
    await write('image_repo', { manner });
    image('image_repo/targets/file.txt');

    expect((await verifyRepositories(directory, { at })).images).toHaveLength(1);
  });

  test.each([
    ['director', 'repo'],
    ['director/repo', 'repo/repo'],
    ['director', 'image-repo'],
    ['director', 'image'],
  ])('in the places %s and %s', async (director, images) => {
    await write(director);
    await write(images);
    image(`${images}/file.txt`);

    expect((await verifyRepositories(directory, { at })).images).toHaveLength(1);
  });

  test.each<[string, Custom, Custom | undefined]>([
    ['ecuIdentifiers', { ecuIdentifiers: { 'e-1': { hardwareId: 'hw-1' } } }, { hardwareIds: ['hw-1'] }],
    ['ecuIdentifier', { ecuIdentifier: 'e-1', hardwareId: 'hw-1' }, { hardwareId: 'hw-1' }],
    ['ecu_identifier', { ecu_identifier: 'e-1', hardware_identifier: 'hw-1', release_counter: 1 }, undefined],
  ])('the Director’s word in the spelling %s', async (_name, director, images) => {
    await write('director', { custom: director });
    await write('image_repo', { custom: images });
    image();
    const ecu = { ecuId: 'e-1', hardwareId: 'hw-1', releaseCounter: 0 };

    expect((await verifyRepositories(directory, { at, ecus: [ecu] })).images).toMatchObject([{ ecuId: 'e-1' }]);
    expect(await attackIn(verifyRepositories(directory, { at, ecus: [{ ...ecu, ecuId: 'e-2' }] }))).toBe('wrong-ecu');
    expect(await attackIn(verifyRepositories(directory, { at, ecus: [{ ...ecu, hardwareId: 'hw-2' }] }))).toBe(
      'wrong-hardware',
    );
  });

  test('a Director that signs Targets alone, as its Root says', async () => {
    await write('director', { withoutSnapshot: true });
    await write('image_repo');
    image();

    expect((await verifyRepositories(directory, { at })).images).toHaveLength(1);
  });
});

test('the example says what a vehicle would install, and which attack it refuses', async () => {
  await write('first/director');
  await write('first/image_repo');
  image('first/image_repo/file.txt');
  await write('second/director', { change: (_name, signed) => ({ ...signed, expires: '2017-01-01T00:00:00Z' }) });
  await write('second/image_repo');
  const script = fileURLToPath(new URL('../../../../device-sdk/examples/verify-repositories.ts', import.meta.url));
  const steps = [join(directory, 'first'), join(directory, 'second')];
  const run = promisify(execFile)(process.execPath, [
    '--import',
    'tsx',
    script,
    ...steps,
    '--at',
    '2030-01-01T00:00:00Z',
  ]);

  const outcome = await run.then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: { readonly code: number; readonly stdout: string }) => error,
  );

  expect(outcome.code).toBe(2);
  expect(
    outcome.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { verified: true, images: [{ path: 'file.txt' }] },
    { verified: false, attack: 'mix-and-match', detail: 'Timestamp has two contents under version 1' },
  ]);
});

describe('scenario 3: attack repositories on a disk are refused by their names', () => {
  async function attack(director: Said, images: Said, then = () => {}): Promise<string> {
    await write('director', director);
    await write('image_repo', images);
    image();
    then();
    return attackIn(verifyRepositories(directory, { at }));
  }
  const change = (role: string, by: Custom): Said => ({
    change: (name, signed) => (name.endsWith(role) ? { ...signed, ...by } : signed),
  });
  const past = { expires: '2017-01-01T00:00:00Z' };
  const nobody = { keyids: ['a'], threshold: 0 };
  const zero = { roles: { root: nobody, targets: nobody, snapshot: nobody, timestamp: nobody } };

  test.each<[string, Said, Said, string]>([
    ['an expired Root of the Director', change('root', past), {}, 'freeze'],
    ['an expired Root of the images', {}, change('root', past), 'freeze'],
    ['expired Targets of the Director', change('targets', past), {}, 'freeze'],
    ['expired Targets of the images', {}, change('targets', past), 'freeze'],
    ['an expired Snapshot', {}, change('snapshot', past), 'freeze'],
    ['an expired Timestamp', {}, change('timestamp', past), 'freeze'],
    ['a threshold of nought', {}, change('root', zero), 'malformed'],
    ['a role under another name', change('targets', { _type: 'invalidrole' }), {}, 'malformed'],
    ['keys under other ids', {}, change('root', { keys: {} }), 'arbitrary-software'],
    ['a version that Snapshot does not list', {}, change('targets', { version: 2 }), 'mix-and-match'],
    ['nothing of what the Director wants', {}, change('targets', { targets: {} }), 'arbitrary-software'],
  ])('%s', async (_name, director, images, name) => {
    expect(await attack(director, images)).toBe(name);
  });

  test('an image with another byte, one byte more, or none at all', async () => {
    const other = Buffer.from('wat wat WAT\n');
    expect(await attack({}, {}, () => image('image_repo/file.txt', other))).toBe('wrong-hash');
    expect(await attack({}, {}, () => image('director/file.txt', other))).toBe('wrong-hash');
    rmSync(join(directory, 'director/file.txt'));
    const longer = Buffer.concat([content, content]);
    expect(await attack({}, {}, () => image('image_repo/file.txt', longer))).toBe('endless-data');
    expect(await attack({}, {}, () => unlinkSync(join(directory, 'image_repo/file.txt')))).toBe('drop-request');
  });

  test('a repository that is not there, and a Root that the chain does not lead to', async () => {
    await write('director');
    image();
    expect(await attackIn(verifyRepositories(directory, { at }))).toBe('drop-request');

    await write('image_repo');
    await write('elsewhere', { change: (_name, signed) => ({ ...signed, version: 3 }) });
    rmSync(join(directory, 'director/root.json'));
    renameSync(join(directory, 'elsewhere/root.json'), join(directory, 'director/root.json'));
    expect(await attackIn(verifyRepositories(directory, { at }))).toBe('mix-and-match');
  });
});
