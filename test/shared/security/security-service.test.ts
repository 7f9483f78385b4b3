import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { vehicleIdOf } from '#shared/registry/vehicle-id.ts';
import type { SecurityEvent } from '#shared/security/security-event.ts';
import { SecurityService } from '#shared/security/security-service.ts';
import { MemoryEvidence } from '../../support/memory-evidence.ts';

const at = Date.parse('2026-11-22T08:00:00Z');
const refused: Extract<SecurityEvent, { kind: 'attack-refused' }> = {
  ...{ kind: 'attack-refused', vehicleId: vehicleIdOf('k3vq7n2mzt5ahx6cwp4r'), campaignId: 'cmp-1' },
  ...{ attack: 'rollback', toldBy: 'result', at },
};

function aService(announce = async (_: SecurityEvent, __: string): Promise<void> => {}) {
  const store = new MemoryEvidence();
  const told: string[] = [];
  const counted: SecurityEvent[] = [];
  const service = new SecurityService({
    store,
    events: {
      async announce(event, eventId) {
        await announce(event, eventId);
        told.push(eventId);
      },
    },
    warn: (attack) => void counted.push(attack),
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
  });
  return { store, told, counted, service };
}

test('an attack that is told twice is put down once and announced once', async () => {
  const { store, told, service } = aService();
  expect(await service.note(refused, false)).toBe(true);
  expect(await service.note({ ...refused, at: at + 60_000 }, false)).toBe(false);
  expect(told).toHaveLength(1);
  const [[name, document] = []] = store.documents;
  expect(name).toBe(`security/veh-k3vq7n2mzt5ahx6cwp4r/${told[0]}.json`);
  expect(JSON.parse(document ?? '')).toMatchObject({ attack: 'rollback', at: '2026-11-22T08:00:00.000Z' });
});

test('one that was put down, and not announced, is announced when its message comes again', async () => {
  let isDown = true;
  const { store, told, service } = aService(async () => {
    if (isDown) throw new Error('the bus is down');
  });
  await expect(service.note(refused, false)).rejects.toThrow('the bus is down');
  isDown = false;
  expect(await service.note(refused, true)).toBe(true);
  expect([store.documents.size, told.length]).toEqual([1, 1]);
});

test('another attack, another vehicle, and the same one of the next day are events of their own', async () => {
  const { told, service } = aService();
  const others = [
    refused,
    { ...refused, attack: 'freeze' },
    { ...refused, vehicleId: vehicleIdOf('a3vq7n2mzt5ahx6cwp4r') },
    { ...refused, at: at + 24 * 3_600_000 },
  ];
  for (const event of others) await service.note(event, false);
  expect(new Set(told).size).toBe(4);
});

test('the alarm counts each attack once, whoever told it, and nothing but attacks', async () => {
  let isDown = true;
  const { counted, service } = aService(async () => {
    if (isDown) throw new Error('the bus is down');
  });
  const byReport: SecurityEvent = { ...refused, toldBy: 'version-report', ecuId: 'gateway' };
  await expect(service.note(refused, false)).rejects.toThrow('the bus is down');
  expect(counted).toEqual([]);
  isDown = false;
  await service.note(refused, true);
  for (const event of [byReport, byReport, refused]) await service.note(event, false);
  const aboutRotation = { kind: 'rotation-refused', vehicleId: refused.vehicleId, certificateId: 'c', at } as const;
  await service.note({ ...aboutRotation, reason: 'not-the-vehicle' }, false);
  expect(counted).toEqual([refused, byReport]);
});
