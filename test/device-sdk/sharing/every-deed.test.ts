import { afterEach, describe, expect, test } from 'vitest';
import type { Phone } from '#device-sdk/sharing/phone.ts';
import type { KeyAction } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { minute, SharedScene } from './shared-scene.ts';

/** Two holders one after the other; the first charges on the way. */
const story: readonly (readonly [holder: 1 | 2, action: KeyAction | 'plug' | 'unplug'])[] = [
  ...([
    [1, 'start'],
    [1, 'pause'],
    [1, 'plug'],
    [1, 'resume'],
    [1, 'unplug'],
    [1, 'end'],
  ] as const),
  ...([
    [2, 'start'],
    [2, 'end'],
  ] as const),
];
const written = [
  ...['1 started', '1 paused', '1 charging-started', '1 resumed', '1 charging-ended', '1 ended'],
  ...['2 started', '2 ended'],
];

/** @param before and @param after each step: what befalls the vehicle */
async function told(
  scene: SharedScene,
  before: (step: number) => Promise<void> = async () => {},
  after: (step: number) => Promise<void> = async () => {},
): Promise<string[]> {
  const phones: Record<1 | 2, Phone> = {
    1: await scene.phone({ fence: 1, reservationId: 'rsv-1', expiresAt: scene.host.wall + 5 * minute }),
    2: await scene.phone({ fence: 2, reservationId: 'rsv-2', expiresAt: scene.host.wall + 60 * minute }),
  };
  for (const [step, [holder, action]] of story.entries()) {
    await before(step);
    scene.host.pass(2 * minute);
    if (action === 'plug' || action === 'unplug') scene.body.set({ charging: action === 'plug' });
    else await obeyed(scene, phones[holder], action);
    await after(step);
  }
  // Whatever the body did last may have been cut off.
  await scene.settled();
  return scene.lines().map(({ fence, kind }) => `${fence} ${kind}`);
}

/** A phone that hears no answer asks again. */
async function obeyed(scene: SharedScene, phone: Phone, action: KeyAction): Promise<void> {
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const answer = await scene.unlessKilled(scene.ask(phone, action));
    if (answer?.kind === 'done') return;
    if (answer !== undefined) throw new Error(`${action}: ${answer.reason}`);
    scene.life();
  }
  throw new Error(`${action} was never answered`);
}

async function online(scene: SharedScene): Promise<void> {
  await scene.unlessKilled(scene.sharing.connected());
  await scene.settled();
}

afterEach(() => new SharedScene().killAt(Number.POSITIVE_INFINITY));

describe('a vehicle whose control unit is killed', () => {
  test.each(['offline', 'online'])(
    'at any write, word or deed, %s, writes each step down once and ends closed',
    async (line) => {
      let deed = 0;
      for (let killed = true; killed; ) {
        deed += 1;
        const scene = await new SharedScene().inService();
        if (line === 'online') await online(scene);
        scene.killAt(deed);
        const lines = await told(scene, undefined, async () => {
          if (scene.isDead) scene.life();
          if (line === 'online') await online(scene);
          if (scene.isDead) scene.life();
        });
        expect(lines).toEqual(written);
        await scene.settled();
        expect(scene.body).toMatchObject({ locked: true, immobilised: true });
        killed = scene.wasKilled;
        scene.killAt(Number.POSITIVE_INFINITY);
      }
      expect(deed).toBeGreaterThan(50);
    },
  );

  test('in a trip that is driven can be driven on; before one began it is closed again', async () => {
    for (let deed = 1; deed < 14; deed += 1) {
      const scene = await new SharedScene().inService();
      const phone = await scene.phone();
      scene.killAt(deed);
      await scene.unlessKilled(scene.ask(phone, 'start'));
      scene.killAt(Number.POSITIVE_INFINITY);
      scene.life();
      await scene.settled();
      const isOn = scene.sharing.trip !== undefined;
      expect(scene.kinds()).toEqual(isOn ? ['started'] : []);
      expect(scene.body.immobilised).toBe(!isOn);
      if (!isOn) expect(scene.body.locked).toBe(true);
    }
  });
});

describe('a vehicle that loses its network', () => {
  test('before any step, and finds it again after any later one, tells the same log', async () => {
    for (let lost = 0; lost < story.length; lost += 1) {
      for (let found = lost; found < story.length; found += 1) {
        const scene = await new SharedScene().inService();
        await online(scene);
        const lines = await told(
          scene,
          async (step) => {
            if (step === lost) scene.sharing.disconnected();
          },
          async (step) => {
            if (step === found) await online(scene);
          },
        );
        expect(lines).toEqual(written);
        await scene.settled();
        expect(scene.unsent()).toEqual([]);
      }
    }
  });

  test('while it speaks keeps what was not acknowledged, and says it again', async () => {
    const scene = await new SharedScene().inService();
    scene.line = false;
    await online(scene);
    expect(await told(scene)).toEqual(written);
    expect(scene.unsent()).toHaveLength(written.length);
    scene.line = true;
    scene.host.pass(6000);
    await scene.settled();
    expect(scene.unsent()).toEqual([]);
    expect(scene.received()).toHaveLength(written.length);
  });
});
