import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { thisHost } from '#device-sdk/host.ts';
import { deviceKeySha256, storedIdentity, UnreadableIdentity } from '#device-sdk/identity-memory.ts';
import { provision } from '#device-sdk/provisioning.ts';
import { openStorage } from '#device-sdk/storage.ts';
import type { Fate, Passage } from '#device-sdk/transports/memory.ts';
import { TestCloud, temporaryDirectory } from './test-cloud.ts';

const vin = 'WVWZZZE1ZMP000001';

async function scene() {
  const cloud = await TestCloud.open();
  const storage = openStorage(temporaryDirectory());
  const options = {
    vin,
    claim: cloud.claim,
    transport: cloud.hub,
    storage,
    host: thisHost,
    log: (line: string) => cloud.log.push(line),
    answerTimeout: 200,
  };
  return { cloud, storage, options };
}

/** Fate that befalls the first message that the condition picks. */
function once(picks: (passage: Passage) => boolean, fate: Fate) {
  let spent = false;
  return (passage: Passage): Fate => {
    if (spent || !picks(passage)) return 'deliver';
    spent = true;
    return fate;
  };
}

describe('a new vehicle', () => {
  test('gets its identity from its VIN, its own key and the claim', async () => {
    const { cloud, storage, options } = await scene();
    const identity = await provision(options);
    expect(identity.vehicleId).toMatch(/^veh-/);
    expect(identity.topics.commandTopic).toBe(`vehicles/${identity.vehicleId}/commands`);
    expect(storedIdentity(storage)).toEqual(identity);
    expect(cloud.admitted.get(vin)).toBe(deviceKeySha256(storage));
    expect(await provision(options)).toEqual(identity);
    expect(cloud.issued).toHaveLength(1);
  });

  test('has its key on disk, for itself alone, before it sends anything', async () => {
    const { cloud, storage, options } = await scene();
    let keyed = '';
    cloud.hub.fate = ({ topic, direction }) => {
      if (direction === 'up' && topic.includes('create-from-csr')) {
        const file = join(storage.directory, 'identity.json');
        keyed = readFileSync(file, 'utf8');
        expect(statSync(file).mode & 0o777).toBe(0o600);
      }
      return 'deliver';
    };
    await provision(options);
    expect(keyed).toContain('PRIVATE KEY');
    expect(readdirSync(storage.directory)).toEqual(['identity.json']);
  });

  test('never sends its private key, and connects only under claim-', async () => {
    const { cloud, options } = await scene();
    const seen: Passage[] = [];
    cloud.hub.fate = (passage) => {
      seen.push(passage);
      return 'deliver';
    };
    await provision(options);
    for (const { payload, clientId } of seen) {
      expect(payload).not.toContain('PRIVATE KEY');
      expect(clientId).toMatch(/^claim-/);
    }
  });
});

test('an identity that cannot be read is put aside, said to be so, and never overwritten', async () => {
  const { cloud, storage, options } = await scene();
  const file = join(storage.directory, 'identity.json');
  for (const [index, damage] of ['', '{"step":"provisioned","privateKeyPem":"the on'].entries()) {
    writeFileSync(file, damage);
    await expect(provision(options)).rejects.toThrow(`${file}.unreadable-${index + 1}`);
    expect(readFileSync(`${file}.unreadable-${index + 1}`, 'utf8')).toBe(damage);
  }
  writeFileSync(file, '{"step":"of another age"}');
  expect(() => deviceKeySha256(storage)).toThrow(UnreadableIdentity);
  expect(readdirSync(storage.directory)).toHaveLength(3);
  expect(cloud.issued).toEqual([]);
});

describe('an answer that is lost', () => {
  const certificateAnswer = ({ topic }: Passage) => topic === '$aws/certificates/create-from-csr/json/accepted';
  const registrationAnswer = ({ topic }: Passage) => topic.endsWith('/provision/json/accepted');
  const up = ({ direction, topic }: Passage, part: string) => direction === 'up' && topic.includes(part);
  const losses = [
    ['the certificate', once(certificateAnswer, 'drop')],
    ['the registration', once(registrationAnswer, 'drop')],
    ['the certificate, with the line', once(certificateAnswer, 'cut-before')],
    ['the registration, with the line', once(registrationAnswer, 'cut-before')],
    ['the request for a certificate', once((passage) => up(passage, 'create-from-csr'), 'cut-before')],
    ['the registration request', once((passage) => up(passage, 'provision/json'), 'cut-before')],
    ['the acknowledgement of the registration request', once((passage) => up(passage, 'provision/json'), 'cut-after')],
  ] as const;

  test.each(losses)('(%s) is asked for again, with the same key', async (_, fate) => {
    const { cloud, storage, options } = await scene();
    const key = deviceKeySha256(storage);
    cloud.hub.fate = fate;
    const identity = await provision(options);
    expect(storedIdentity(storage)).toEqual(identity);
    expect(deviceKeySha256(storage)).toBe(key);
    expect(cloud.admitted.get(vin)).toBe(key);
    expect(cloud.issued).toContain(identity.certificateId);
  });

  test('in a crash is found again by the next life, with the same key', async () => {
    const { cloud, storage, options } = await scene();
    cloud.hub.fate = ({ topic }) => (topic.endsWith('/provision/json/accepted') ? 'drop' : 'deliver');
    await expect(provision({ ...options, attempts: 1 })).rejects.toThrow('no answer');
    const key = deviceKeySha256(storage);
    cloud.hub.fate = () => 'deliver';
    const identity = await provision({ ...options, storage: openStorage(storage.directory) });
    expect(cloud.admitted.get(vin)).toBe(key);
    expect(identity.vehicleId).toMatch(/^veh-/);
  });
});

describe('a vehicle that is not let in', () => {
  test('learns the reason and asks no more', async () => {
    const { cloud, storage, options } = await scene();
    cloud.admitted.set(vin, 'another key');
    await expect(provision(options)).rejects.toMatchObject({
      name: 'ProvisioningRefused',
      statusCode: 403,
      code: 'AccessDenied',
    });
    expect(cloud.issued).toHaveLength(1);
    expect(storedIdentity(storage)).toBeUndefined();
  });

  test('is let in with the same key once the cloud thinks better of it', async () => {
    const { cloud, storage, options } = await scene();
    cloud.admitted.set(vin, 'another key');
    await expect(provision(options)).rejects.toThrow('AccessDenied');
    const key = deviceKeySha256(storage);
    cloud.admitted.delete(vin);
    await provision(options);
    expect(cloud.admitted.get(vin)).toBe(key);
  });

  test('takes no certificate for a key that is not its own, and waits for the right one', async () => {
    const { cloud, storage, options } = await scene();
    const stranger = await scene();
    const { certificatePem, certificateId } = await provision(stranger.options);
    const forged = JSON.stringify({ certificateOwnershipToken: 'token', certificateId, certificatePem });
    cloud.hub.fate = ({ topic, direction, clientId }) => {
      if (direction === 'up' && topic.endsWith('/create-from-csr/json')) {
        cloud.hub.sendTo(clientId, `${topic}/accepted`, forged);
        cloud.hub.sendTo(clientId, `${topic}/accepted`, '{"certificatePem":"no certificate"}');
      }
      return 'deliver';
    };
    await provision({ ...options, attempts: 1 });
    expect(cloud.issued).toEqual([storedIdentity(storage)?.certificateId]);
  });
});
