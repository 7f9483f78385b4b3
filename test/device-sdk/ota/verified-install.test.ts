import { afterEach, describe, expect, test } from 'vitest';
import { uptane } from '#device-sdk/ota/uptane-verification.ts';
import { cryptography } from '#device-sdk/ota/verification/cryptography.ts';
import { checkedManifest } from '#shared/ota/uptane/manifest-check.ts';
import { until } from '../test-cloud.ts';
import { signed } from './signed-update.ts';
import { closeVehicles, offerOf, onTheRoad } from './update-cloud.ts';

afterEach(closeVehicles);

/** A vehicle that verifies in earnest, and two repositories that agree. @param issuedAt of the Director's Timestamp */
async function scene(issuedAt = Date.now()) {
  const road = await onTheRoad();
  const { updates, vehicleId } = road;
  await road.vehicle.close();
  const roots = await signed(updates, issuedAt);
  const vehicle = road.life({ verification: uptane({ roots, primary: 'telematics' }) });
  await vehicle.connect();
  updates.offer(vehicleId, offerOf());
  await until(() => vehicle.updates?.available !== undefined, 'the offer');
  vehicle.updates?.accept();
  updates.releaseTo(vehicleId);
  await until(() => updates.results().length > 0, 'a result');
  return { road, updates, vehicleId, result: updates.results()[0] };
}

describe('an update that is verified in full', () => {
  test('is installed, and each question carries a manifest that every control unit has signed', async () => {
    const { updates, result, vehicleId } = await scene();
    expect(result).toMatchObject({ outcome: 'installed', softwareVersion: '2.0.0' });
    const asked = updates.reports.filter((report) => report.kind === 'ask');
    expect(asked.map(({ purpose }) => purpose)).toEqual(['download', 'install']);
    for (const { manifest, requestId } of asked) {
      const check = { vehicleId, nonce: requestId, known: new Map(), cryptography };
      const verdict = checkedManifest(manifest, check);
      expect(verdict).toMatchObject({ kind: 'verified', primaryEcuId: 'telematics', directorRootVersion: 1 });
      expect(verdict.kind === 'verified' && verdict.reports.map((report) => report.software_version)).toEqual([
        ...['1.0.0', '1.0.0', '1.0.0', '1.0.0'],
      ]);
    }
  });

  test('19. is not begun where the Director withholds its Timestamps: the last one is too old by then', async () => {
    const { road, result } = await scene(Date.now() - 11 * 60_000);
    expect(result).toMatchObject({ outcome: 'failed', error: 'verification', attack: 'freeze' });
    expect(await road.versions()).toBe('1.0.0');
  });
});
