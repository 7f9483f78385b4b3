import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AwsError } from '#local/aws-error.ts';
import { type Authority, openAuthority } from '#local/iot/authority/authority.ts';
import { iotArns } from '#local/iot/registry/arns.ts';
import { Registry } from '#local/iot/registry/registry.ts';
import { State } from '#local/state/collection.ts';

const arns = iotArns('eu-central-1', '000000000000');
const document = (topic: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'iot:Publish', Resource: arns.topic(topic) }],
  });

let authorityDirectory: string;
let authority: Authority;
let pems: string[];
let directory: string;
let state: State;
let registry: Registry;
let now: number;
let timers: { at: number; fire: () => void }[];
let cut: string[];

beforeAll(async () => {
  authorityDirectory = mkdtempSync(join(tmpdir(), 'authority-'));
  authority = await openAuthority(authorityDirectory);
  pems = [];
  for (let i = 0; i < 2; i += 1) pems.push((await authority.createKeysAndCertificate()).certificatePem);
});

afterAll(() => rmSync(authorityDirectory, { recursive: true }));

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'registry-'));
  now = 1_700_000_000_000;
  open();
});

afterEach(() => {
  state.close();
  rmSync(directory, { recursive: true });
});

function open(): void {
  state = new State(directory);
  timers = [];
  cut = [];
  registry = new Registry({
    state,
    arns,
    clock: {
      now: () => now,
      after(ms, fire) {
        timers.push({ at: now + ms, fire });
        return () => {};
      },
    },
    cutOff: (certificateId) => cut.push(certificateId),
  });
}

function pass(ms: number): void {
  now += ms;
  for (const timer of timers.splice(0)) timer.at <= now ? timer.fire() : timers.push(timer);
}

function certificate(which = 0): string {
  return registry.certificates.register(pems[which] ?? '', 'ACTIVE').certificateId;
}

function errorOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof AwsError) return `${error.status} ${error.name}`;
    throw error;
  }
  return 'no error';
}

describe('things', () => {
  test('creating the same thing again is a success, another one of that name a conflict', () => {
    const first = registry.things.create({ thingName: 'car', attributes: { brand: 'opel' } });
    expect(registry.things.create({ thingName: 'car', attributes: { brand: 'opel' } })).toEqual(first);
    expect(errorOf(() => registry.things.create({ thingName: 'car' }))).toBe('409 ResourceAlreadyExistsException');
  });

  test('deleting an unknown thing is a success, one with a certificate is refused', () => {
    registry.things.delete('nobody');
    registry.things.create({ thingName: 'car' });
    const id = certificate();
    registry.things.attach('car', id);
    expect(errorOf(() => registry.things.delete('car'))).toBe('400 InvalidRequestException');
    registry.things.detach('car', id);
    registry.things.delete('car');
    expect(errorOf(() => registry.things.get('car'))).toBe('404 ResourceNotFoundException');
  });

  test('three attributes need no type, more do', () => {
    registry.thingTypes.create({ thingTypeName: 'vehicle' });
    const attributes = { a: '1', b: '2', c: '3', d: '4' };
    expect(errorOf(() => registry.things.create({ thingName: 'car', attributes }))).toBe('400 InvalidRequestException');
    expect(registry.things.create({ thingName: 'car', attributes, thingTypeName: 'vehicle' }).version).toBe(1);
  });

  test('an update merges or replaces, and its expected version must be the current one', () => {
    registry.things.create({ thingName: 'car', attributes: { a: '1', b: '2' } });
    const change = { attributes: { a: '', c: '3' }, merge: true, expectedVersion: 1 };
    expect(registry.things.update('car', change)).toMatchObject({ attributes: { b: '2', c: '3' }, version: 2 });
    expect(errorOf(() => registry.things.update('car', change))).toBe('409 VersionConflictException');
    expect(registry.things.update('car', { attributes: { d: '4' } }).attributes).toEqual({ d: '4' });
  });
});

describe('thing groups', () => {
  test('a group with children stays, and leaving goes with the group', () => {
    registry.thingGroups.create({ thingGroupName: 'all' });
    registry.thingGroups.create({ thingGroupName: 'opel', parentGroupName: 'all' });
    registry.things.create({ thingName: 'car' });
    registry.thingGroups.addThing('opel', 'car');
    expect(errorOf(() => registry.thingGroups.delete('all'))).toBe('400 InvalidRequestException');
    expect(registry.thingGroups.thingsIn('all', false)).toEqual([]);
    expect(registry.thingGroups.thingsIn('all', true).map(({ thingName }) => thingName)).toEqual(['car']);
    registry.thingGroups.delete('opel');
    expect(registry.thingGroups.groupsOf('car')).toEqual([]);
  });

  test('a thing is in one group of a hierarchy, and in ten groups at most', () => {
    registry.things.create({ thingName: 'car' });
    registry.thingGroups.create({ thingGroupName: 'all' });
    registry.thingGroups.create({ thingGroupName: 'opel', parentGroupName: 'all' });
    registry.thingGroups.addThing('opel', 'car');
    expect(errorOf(() => registry.thingGroups.addThing('all', 'car'))).toBe('400 InvalidRequestException');
    for (let i = 1; i <= 10; i += 1) {
      registry.thingGroups.create({ thingGroupName: `g${i}` });
      if (i < 10) registry.thingGroups.addThing(`g${i}`, 'car');
    }
    expect(errorOf(() => registry.thingGroups.addThing('g10', 'car'))).toBe('400 InvalidRequestException');
  });
});

describe('certificates', () => {
  test('a certificate is deleted only when it is inactive and attached to nothing', () => {
    const id = certificate();
    registry.things.create({ thingName: 'car' });
    registry.things.attach('car', id);
    registry.policies.create('p', document('a'));
    registry.policies.attach('p', arns.certificate(id));
    expect(errorOf(() => registry.certificates.delete(id, true))).toBe('406 CertificateStateException');
    registry.certificates.setStatus(id, 'INACTIVE');
    expect(errorOf(() => registry.certificates.delete(id, true))).toBe('409 DeleteConflictException');
    registry.things.detach('car', id);
    expect(errorOf(() => registry.certificates.delete(id))).toBe('409 DeleteConflictException');
    registry.certificates.delete(id, true);
    expect(registry.certificate(id)).toBeUndefined();
  });

  test('connections outlive a deactivation for a minute, unless it is taken back', () => {
    const [first, second] = [certificate(0), certificate(1)];
    registry.certificates.setStatus(first, 'INACTIVE');
    registry.certificates.setStatus(second, 'INACTIVE');
    registry.certificates.setStatus(second, 'ACTIVE');
    pass(59_999);
    expect(cut).toEqual([]);
    pass(1);
    expect(cut).toEqual([first]);
  });

  test('a revoked certificate stays revoked', () => {
    const id = certificate();
    registry.certificates.setStatus(id, 'REVOKED');
    expect(errorOf(() => registry.certificates.setStatus(id, 'ACTIVE'))).toBe('406 CertificateStateException');
  });

  test('a certificate cannot be registered twice', () => {
    certificate();
    expect(errorOf(() => certificate())).toBe('409 ResourceAlreadyExistsException');
  });
});

describe('policies', () => {
  test('a policy has five versions at most, and the ids are never given twice', () => {
    registry.policies.create('p', document('1'));
    for (const n of [2, 3, 4, 5]) registry.policies.createVersion('p', document(`${n}`), false);
    expect(errorOf(() => registry.policies.createVersion('p', document('6'), true))).toBe(
      '409 VersionsLimitExceededException',
    );
    registry.policies.deleteVersion('p', '5');
    expect(registry.policies.createVersion('p', document('6'), true).versionId).toBe('6');
    expect(registry.policies.document('p')).toBe(document('6'));
    expect(errorOf(() => registry.policies.deleteVersion('p', '6'))).toBe('409 DeleteConflictException');
  });

  test('a policy that is attached or has versions is not deleted', () => {
    const id = certificate();
    registry.policies.create('p', document('a'));
    registry.policies.createVersion('p', document('b'), true);
    expect(errorOf(() => registry.policies.delete('p'))).toBe('409 DeleteConflictException');
    registry.policies.deleteVersion('p', '1');
    registry.policies.attach('p', arns.certificate(id));
    expect(errorOf(() => registry.policies.delete('p'))).toBe('409 DeleteConflictException');
    registry.policies.detach('p', arns.certificate(id));
    registry.policies.delete('p');
    expect(registry.policies.list()).toEqual([]);
  });

  test.each(['{', '{}', '{"Version":"2012-10-17","Statement":[{"Effect":"Maybe"}]}', document('x'.repeat(2048))])(
    'the text %.40s is no policy',
    (text) => {
      expect(errorOf(() => registry.policies.create('p', text))).toBe('400 MalformedPolicyException');
    },
  );

  test('a policy goes to a certificate that is there, and at most ten do', () => {
    registry.policies.create('p', document('a'));
    expect(errorOf(() => registry.policies.attach('p', arns.certificate('ff')))).toBe('404 ResourceNotFoundException');
    expect(errorOf(() => registry.policies.attach('p', 'somebody'))).toBe('400 InvalidRequestException');
    const target = arns.certificate(certificate());
    for (let i = 0; i < 10; i += 1) {
      registry.policies.create(`p${i}`, document('a'));
      registry.policies.attach(`p${i}`, target);
    }
    expect(errorOf(() => registry.policies.attach('p', target))).toBe('410 LimitExceededException');
  });
});

describe('what the broker asks', () => {
  test('a thing belongs to a connection only if the certificate is attached and the client id is its name', () => {
    const [own, other] = [certificate(0), certificate(1)];
    registry.thingTypes.create({ thingTypeName: 'vehicle' });
    registry.things.create({ thingName: 'car', thingTypeName: 'vehicle', attributes: { brand: 'opel' } });
    registry.things.attach('car', own);
    registry.thingGroups.create({ thingGroupName: 'all' });
    registry.thingGroups.create({ thingGroupName: 'opel', parentGroupName: 'all' });
    registry.thingGroups.addThing('opel', 'car');
    registry.policies.create('of-all', document('all'));
    registry.policies.attach('of-all', arns.thingGroup('all'));
    expect(registry.thingOf(own, 'car')).toEqual({
      thingName: 'car',
      typeName: 'vehicle',
      attributes: { brand: 'opel' },
      groupPolicies: [document('all')],
    });
    expect(registry.thingOf(other, 'car')).toBeUndefined();
    expect(registry.thingOf(own, 'cart')).toBeUndefined();
  });

  test('the default version of a policy counts, at once, and everything survives a restart', () => {
    const id = certificate();
    registry.policies.create('p', document('a'));
    registry.policies.attach('p', arns.certificate(id));
    registry.policies.createVersion('p', document('b'), true);
    expect(registry.certificate(id)).toEqual({ status: 'ACTIVE', policies: [document('b')] });
    state.close();
    open();
    expect(registry.certificate(id)).toEqual({ status: 'ACTIVE', policies: [document('b')] });
    registry.policies.setDefault('p', '1');
    expect(registry.certificate(id)?.policies).toEqual([document('a')]);
  });
});
