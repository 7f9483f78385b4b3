import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { DeviceLine } from '#local/azure/hub/device-line.ts';
import { LocalIotHub } from '#local/azure/hub/hub.ts';
import { noFaults } from '#local/faults/faults.ts';
import { State } from '#local/state/collection.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const hostName = 'fleetloom-test.azure-devices.net';

function newHub(directory = mkdtempSync(join(tmpdir(), 'fleetloom-hub-'))) {
  const [state, clock] = [new State(directory), new ManualClock()];
  const hub = new LocalIotHub({ hostName, state, clock, faults: noFaults, log: () => {} });
  onTestFinished(() => {
    hub.close();
    state.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return { hub, clock, state, directory };
}

function newLine(connectionId = 'c-1') {
  const seen: unknown[] = [];
  const locks: string[] = [];
  const line: DeviceLine = {
    connectionId,
    desired: (patch, version) => seen.push({ patch, version }),
    method: (requestId, name, payload) => seen.push({ requestId, name, payload }),
    devicebound: ({ messageId, lockToken }) => {
      seen.push({ messageId });
      locks.push(lockToken);
    },
    close: (reason) => seen.push(reason),
  };
  return { line, seen, locks };
}

test('a desired change reaches the connected device, and a disabled device is cut off', () => {
  const { hub } = newHub();
  hub.identities.create({ deviceId: 'car-1' });
  const { line, seen } = newLine();
  hub.lines.attach('car-1', line);
  hub.twins.patchByService('car-1', { properties: { desired: { climate: { on: true, old: null } } } });
  expect(seen).toEqual([{ patch: { climate: { on: true, old: null } }, version: 2 }]);
  hub.identities.update({ deviceId: 'car-1', status: 'disabled' });
  expect(seen.at(-1)).toBe('DeviceDisabled');
  expect(hub.lines.isConnected('car-1')).toBe(false);
});

test('a message that waited for its device is delivered once it has gone through, and again to the next connection if not', () => {
  const { hub } = newHub();
  hub.identities.create({ deviceId: 'car-1' });
  hub.devicebound.enqueue({ deviceId: 'car-1', messageId: 'm-1', body: Buffer.from('x'), properties: {} });
  const [first, second] = [newLine('c-1'), newLine('c-2')];
  hub.lines.attach('car-1', first.line);
  hub.devicebound.connect('car-1', first.line);
  expect(first.seen).toMatchObject([{ messageId: 'm-1' }]);
  hub.lines.attach('car-1', second.line);
  hub.devicebound.connect('car-1', second.line);
  hub.devicebound.complete('car-1', second.locks[0] ?? '');
  expect(hub.devicebound.count('car-1')).toBe(0);
});
