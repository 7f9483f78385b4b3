import { expect, test } from 'vitest';
import { reportIn, ruleMessage } from '#functions/rule-message.ts';
import { inventoryReportSchema } from '#shared/registry/inventory.ts';
import { aVehicleId } from '../contract/samples.ts';

const vehicleId = aVehicleId();
const message = (payload: string | Uint8Array) =>
  ruleMessage({ vehicleId, receivedAt: 5, payload: Buffer.from(payload).toString('base64') });
const ecu = { ecuId: 'gateway', hardwareId: 'ICAS1', softwareVersion: '1', releaseCounter: 1 };

test('a report is read, and the vehicle is the one in the topic', () => {
  const report = { sequence: 1, softwareVersion: '5.4.1', ecus: [ecu] };
  expect(reportIn(message(JSON.stringify(report)), inventoryReportSchema)).toEqual({ kind: 'read', vehicleId, report });
});

test.each([
  [new Uint8Array([0xff]), /UTF-8/],
  ['{', /JSON/],
  [JSON.stringify({ sequence: 1, softwareVersion: '1', ecus: [ecu, ecu] }), /\/ecus/],
  [JSON.stringify({ sequence: 1, softwareVersion: '1', ecus: [], vehicleId: 'veh-x' }), /unrecognized_keys/],
  [JSON.stringify({ sequence: -1, softwareVersion: '1', ecus: [] }), /\/sequence/],
])('%s is broken, and why is said', (payload, reason) => {
  expect(reportIn(message(payload), inventoryReportSchema)).toMatchObject({
    kind: 'broken',
    reason: expect.stringMatching(reason),
  });
});

test('what is not from our rule is a fault', () => {
  expect(() => ruleMessage({ vehicleId: 'claim-1', receivedAt: 5, payload: '' })).toThrow();
});
