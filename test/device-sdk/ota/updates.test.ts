import { afterEach, describe, expect, test } from 'vitest';
import { campaignId, closeVehicles, offerOf, onTheRoad, until } from './update-cloud.ts';

afterEach(closeVehicles);

describe('an update, from the offer on the screen to the result', () => {
  test('of one control unit: offered, accepted, released, verified, downloaded, installed and told', async () => {
    const { updates, cloud, vehicle, vehicleId, versions } = await onTheRoad(['gateway']);
    const shown: (string | undefined)[] = [];
    vehicle.updates?.onOffer((offer) => shown.push(offer?.texts['en']?.title));
    updates.offer(vehicleId, offerOf());
    await until(() => shown.includes('Version 2'), 'the offer');
    vehicle.updates?.accept();
    const decision = await until(() => updates.reports.find(({ kind }) => kind === 'decision'), 'the decision');
    expect(decision).toMatchObject({ campaignId, revision: 1, decision: { kind: 'accept' } });
    expect(shown).toEqual([undefined, 'Version 2', undefined]);
    updates.releaseTo(vehicleId);
    const [result] = await until(() => updates.results().length > 0 && updates.results(), 'the result');
    expect(result).toMatchObject({ attempt: 1, outcome: 'installed', safety: 'safe', softwareVersion: '2.0.0' });
    expect(result?.ecus).toEqual([
      { ecuId: 'gateway', hardwareId: 'gateway-1', softwareVersion: '2.0.0', releaseCounter: 2 },
    ]);
    expect(await versions()).toBe('2.0.0');
    await until(() => updates.executions[0]?.status === 'SUCCEEDED', 'the end of the job');
    await until(() => cloud.inventories.at(-1)?.softwareVersion === '2.0.0', 'the inventory');
    const asked = updates.reports.flatMap((report) => (report.kind === 'ask' ? [report.purpose] : []));
    expect(asked).toEqual(['download', 'install']);
    const sequences = updates.reports.flatMap((report) => ('sequence' in report ? [report.sequence] : []));
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
    expect(new Set(sequences).size).toBe(sequences.length);
  });
});
