import { describe, expect, test } from 'vitest';
import { newP256Key, p256Signer } from '#device-sdk/sharing/p256.ts';
import { Phone } from '#device-sdk/sharing/phone.ts';
import { base64url } from '#shared/kernel/base64url.ts';
import { mintToken, readToken } from '#shared/sharing/keys/key-token.ts';
import { noon } from './lives.ts';
import { amongPedestrians, issuer, issuerKey, minute, outside, SharedScene } from './shared-scene.ts';

describe('a trip without a network', () => {
  test('starts where the zones on board allow it, and shows how fast one may go', async () => {
    const scene = await new SharedScene().inService();
    const phone = await scene.phone();
    scene.body.set({ place: amongPedestrians });
    expect(scene.sharing.rule?.maximumSpeedKph).toBe(7);
    expect(await scene.told(phone, 'start')).toBe('start-not-allowed');
    expect(scene.body).toMatchObject({ locked: true, immobilised: true });
    scene.body.set({ place: { latitude: 52.5, longitude: 13.4 } });
    expect(scene.sharing.rule?.maximumSpeedKph).toBeUndefined();
    expect(await scene.told(phone, 'start')).toBe('done');
    expect(scene.kinds()).toEqual(['started']);
  });

  test('starts, pauses, resumes and ends by the phone alone, and is written down', async () => {
    const scene = await new SharedScene().inService();
    const phone = await scene.phone();
    expect(await scene.told(phone, 'start')).toBe('done');
    expect(scene.body).toMatchObject({ locked: false, immobilised: false });
    scene.body.set({ odometer: 12_004_000 });
    scene.host.pass(10 * minute);
    expect(await scene.told(phone, 'pause')).toBe('done');
    expect(scene.body).toMatchObject({ locked: true, immobilised: true });
    scene.host.pass(5 * minute);
    expect(await scene.told(phone, 'resume')).toBe('done');
    expect(scene.body).toMatchObject({ locked: false, immobilised: false });
    scene.host.pass(minute);
    expect(await scene.told(phone, 'end')).toBe('done');
    expect(scene.body).toMatchObject({ locked: true, immobilised: true });
    const lines = scene.unsent();
    expect(lines.map(({ kind, sequence, at }) => [kind, sequence, at - noon])).toEqual([
      ['started', 1, 0],
      ['paused', 2, 10 * minute],
      ['resumed', 3, 15 * minute],
      ['ended', 4, 16 * minute],
    ]);
    expect(lines.map(({ after }) => after?.sequence)).toEqual([undefined, 1, 2, 3]);
    expect(lines.at(-1)).toMatchObject({ zonesVersion: 3, fence: 1, reservationId: 'rsv-1', odometer: 12_004_000 });
    expect(lines[0]?.zonesVersion).toBeUndefined();
  });

  test('goes on with the key that started it, though it expired and was revoked in a pause underground', async () => {
    const scene = await new SharedScene().inService();
    const phone = new Phone();
    const token = await scene.token(phone);
    phone.keep(token);
    await scene.ask(phone, 'start');
    await scene.ask(phone, 'pause');
    scene.host.pass(24 * 60 * minute);
    await scene.say({ version: 2, minimumFence: 2, revoked: [readToken(token).content.tokenId] });
    expect(await scene.told(phone, 'resume')).toBe('done');
    expect(await scene.told(phone, 'end')).toBe('done');
    expect(await scene.told(phone, 'start')).toBe('fence-too-low');
  });

  test('takes a renewed key of the same holder, from another phone as well, once it is valid', async () => {
    const scene = await new SharedScene().inService();
    const first = await scene.phone();
    await scene.ask(first, 'start');
    const second = await scene.phone();
    const late = await scene.phone({ expiresAt: noon, notBefore: noon - minute });
    expect(await scene.told(late, 'pause')).toBe('token-expired');
    expect(await scene.told(second, 'pause')).toBe('done');
    scene.host.pass(60 * minute);
    expect(await scene.told(second, 'resume')).toBe('done');
    expect(await scene.told(await scene.phone({}, first), 'end')).toBe('done');
  });

  test('is nobody else’s: a later holder waits until it ended, an earlier one comes no more', async () => {
    const scene = await new SharedScene().inService();
    const [earlier, mine, later] = [
      await scene.phone({ fence: 4, reservationId: 'rsv-4' }),
      await scene.phone({ fence: 5, reservationId: 'rsv-5' }),
      await scene.phone({ fence: 6, reservationId: 'rsv-6' }),
    ];
    await scene.ask(mine, 'start');
    expect(await scene.told(later, 'start')).toBe('already-on-trip');
    expect(await scene.told(later, 'end')).toBe('already-on-trip');
    expect(await scene.told(earlier, 'end')).toBe('fence-too-low');
    await scene.ask(mine, 'end');
    expect(await scene.told(earlier, 'start')).toBe('fence-too-low');
    expect(await scene.told(mine, 'start')).toBe('fence-too-low');
    expect(await scene.told(later, 'start')).toBe('done');
  });

  test('answers again what was answered and not heard, and writes it down once', async () => {
    const scene = await new SharedScene().inService();
    const phone = await scene.phone();
    for (const action of ['start', 'start', 'pause', 'pause', 'resume', 'resume', 'start', 'end', 'end'] as const) {
      expect(await scene.told(phone, action)).toBe('done');
    }
    expect(scene.kinds()).toEqual(['started', 'paused', 'resumed', 'ended']);
    expect(await scene.told(phone, 'pause')).toBe('fence-too-low');
    expect(await scene.told(await scene.phone(), 'end')).toBe('fence-too-low');
  });

  test('is one holder’s, though two ask at the same moment', async () => {
    const scene = await new SharedScene().inService();
    const phones = await Promise.all(
      [1, 2, 2, 3].map((fence) => scene.phone({ fence, reservationId: `rsv-${fence}` })),
    );
    const answers = await Promise.all(phones.map((phone) => scene.told(phone, 'start')));
    expect(answers.filter((answer) => answer === 'done').length).toBeGreaterThanOrEqual(1);
    expect(scene.kinds()).toEqual(['started']);
  });

  test('does not begin while the vehicle’s software is being changed', async () => {
    const scene = await new SharedScene().inService();
    const phone = await scene.phone();
    scene.drivable = false;
    expect(await scene.told(phone, 'start')).toBe('not-drivable');
    scene.drivable = true;
    expect(await scene.told(phone, 'start')).toBe('done');
  });

  test('that has not begun does not pause, resume or end', async () => {
    const scene = await new SharedScene().inService();
    const phone = await scene.phone();
    for (const action of ['pause', 'resume', 'end'] as const) expect(await scene.told(phone, action)).toBe('no-trip');
    await scene.ask(phone, 'start');
    await scene.ask(phone, 'pause');
    expect(await scene.told(phone, 'start')).toBe('already-on-trip');
    expect(scene.kinds()).toEqual(['started', 'paused']);
  });
});

describe('a trip that cannot end', () => {
  test('says every reason at once, and goes on', async () => {
    const scene = await new SharedScene().inService();
    const phone = await scene.phone();
    await scene.ask(phone, 'start');
    const bad = { doorsClosed: false, ignitionOn: true, speed: 30, keyInside: false, charge: 14, place: outside };
    scene.body.set(bad);
    expect(await scene.ask(phone, 'end')).toMatchObject({
      reason: 'cannot-end',
      unmet: ['in-motion', 'ignition-on', 'door-open', 'key-outside', 'outside-zone', 'charge-too-low'],
    });
    expect(await scene.ask(phone, 'pause')).toMatchObject({
      reason: 'cannot-pause',
      unmet: ['in-motion', 'ignition-on', 'door-open'],
    });
    const { place: _, ...nowhere } = scene.body.state;
    scene.body.state = { ...nowhere, doorsClosed: true, ignitionOn: false, speed: 0, keyInside: true, charging: true };
    expect(await scene.ask(phone, 'end')).toMatchObject({ unmet: ['place-unknown'] });
    expect(scene.body).toMatchObject({ locked: false, immobilised: false });
    expect(scene.kinds()).toEqual(['started']);
    scene.body.set({ place: { latitude: 52.5, longitude: 13.4 } });
    expect(await scene.told(phone, 'end')).toBe('done');
    expect(scene.kinds()).toEqual(['started', 'charging-started', 'ended']);
  });

  test('is never locked or immobilised while it moves, though it began to roll after the last look', async () => {
    const scene = await new SharedScene().inService();
    const phone = await scene.phone();
    await scene.ask(phone, 'start');
    scene.body.onDeed = (deed) => {
      if (deed === 'immobilise') scene.body.set({ speed: 1 });
    };
    expect(await scene.ask(phone, 'end')).toMatchObject({ reason: 'cannot-end', unmet: ['in-motion'] });
    expect(scene.body.locked).toBe(false);
    expect(scene.body.immobilised).toBe(false);
    expect(scene.kinds()).toEqual(['started']);
  });

  test('ends by an operator’s order standing still alone, and only the trip that is meant', async () => {
    const scene = await new SharedScene().inService();
    const phone = await scene.phone();
    await expect(scene.sharing.endByOrder({ reservationId: 'rsv-1' })).rejects.toMatchObject({ reason: 'no-trip' });
    await scene.ask(phone, 'start');
    scene.body.set({ place: outside, doorsClosed: false, keyInside: false, ignitionOn: true, speed: 5 });
    const order = (reservationId: unknown) => scene.sharing.endByOrder({ reservationId });
    await expect(order('rsv-1')).rejects.toMatchObject({ reason: 'in-motion' });
    scene.body.set({ speed: 0 });
    await expect(order('rsv-1')).rejects.toMatchObject({ reason: 'ignition-on' });
    scene.body.set({ ignitionOn: false });
    for (const other of ['rsv-2', undefined, 1])
      await expect(order(other)).rejects.toMatchObject({ reason: 'no-trip' });
    const seen: unknown[] = [];
    scene.sharing.onChange(() => seen.push(scene.sharing.trip));
    expect(await order('rsv-1')).toBeUndefined();
    // Whoever waits for the vehicle hears of it at once, and not when a door happens to move.
    expect(seen).toEqual([undefined]);
    expect(scene.kinds()).toEqual(['started', 'ended-by-operator']);
    expect(scene.body.immobilised).toBe(true);
    expect(await scene.told(phone, 'start')).toBe('fence-too-low');
  });

  test('opens its doors by support’s order for the paused trip that is meant alone, and is driven by nobody for it', async () => {
    const scene = await new SharedScene().inService();
    const phone = await scene.phone();
    const order = (reservationId: unknown) => scene.sharing.openByOrder({ reservationId });
    await expect(order('rsv-1')).rejects.toMatchObject({ reason: 'no-trip' });
    await scene.ask(phone, 'start');
    await expect(order('rsv-1')).rejects.toMatchObject({ reason: 'not-paused' });
    await scene.ask(phone, 'pause');
    for (const other of ['rsv-2', undefined]) await expect(order(other)).rejects.toMatchObject({ reason: 'no-trip' });
    scene.body.set({ speed: 3 });
    await expect(order('rsv-1')).rejects.toMatchObject({ reason: 'in-motion' });
    scene.body.set({ speed: 0 });
    expect(scene.body.locked).toBe(true);
    expect(await order('rsv-1')).toBeUndefined();
    expect([scene.body.locked, scene.body.immobilised]).toEqual([false, true]);
    expect(scene.kinds()).toEqual(['started', 'paused']);
    await scene.ask(phone, 'end');
    expect(scene.body.locked).toBe(true);
  });
});

describe('a vehicle that does not obey', () => {
  test('whose doors stay shut writes no start; whose drive stays off is asked again, and writes one', async () => {
    const scene = await new SharedScene().inService();
    const phone = await scene.phone();
    scene.body.broken.add('unlock');
    expect(await scene.told(phone, 'start')).toBe('body-failed');
    expect(scene.sharing.trip).toBeUndefined();
    scene.body.broken = new Set(['enable']);
    expect(await scene.told(phone, 'start')).toBe('body-failed');
    scene.body.broken.clear();
    expect(await scene.told(phone, 'start')).toBe('done');
    expect(scene.kinds()).toEqual(['started']);
  });

  test('whose doors do not lock is not left, and can be driven on', async () => {
    const scene = await new SharedScene().inService();
    const phone = await scene.phone();
    await scene.ask(phone, 'start');
    scene.body.broken.add('lock');
    expect(await scene.told(phone, 'pause')).toBe('body-failed');
    expect(await scene.told(phone, 'end')).toBe('body-failed');
    expect(scene.body.immobilised).toBe(false);
    expect(scene.kinds()).toEqual(['started']);
    scene.body.broken.clear();
    expect(await scene.told(phone, 'end')).toBe('done');
  });

  test('whose disk is full drives nowhere, and stays closed', async () => {
    const scene = await new SharedScene().inService();
    const phone = await scene.phone();
    scene.disk.full = true;
    expect(await scene.told(phone, 'start')).toBe('not-recorded');
    expect(scene.body).toMatchObject({ locked: true, immobilised: true });
    scene.life();
    expect(await scene.told(phone, 'start')).toBe('not-recorded');
    scene.disk.full = false;
    expect(await scene.told(phone, 'start')).toBe('done');
    scene.disk.full = true;
    expect(await scene.told(phone, 'end')).toBe('not-recorded');
    scene.disk.full = false;
    expect(await scene.told(phone, 'end')).toBe('done');
    expect(scene.kinds()).toEqual(['started', 'ended']);
  });
});

describe('a key', () => {
  test('opens nothing with any byte of token, nonce or signature changed, and the next try needs another nonce', async () => {
    const scene = await new SharedScene().inService();
    const phone = await scene.phone();
    const good = await phone.answer('start', scene.sharing.challenge());
    for (const [part, reasons] of [
      ['token', ['token-altered']],
      ['signature', ['proof-wrong']],
      ['nonce', ['nonce-unknown']],
    ] as const) {
      for (let at = 0; at < good[part].length; at += 1) {
        const presentation = await phone.answer('start', scene.sharing.challenge());
        const bent = Uint8Array.from(presentation[part]);
        bent[at] = (bent[at] ?? 0) ^ (1 << (at % 8));
        const answer = await scene.sharing.present({ ...presentation, [part]: bent });
        expect(reasons).toContain(answer.kind === 'refused' ? answer.reason : 'done');
        if (part !== 'nonce') expect(await scene.sharing.present(presentation)).toMatchObject({ reason: 'nonce-used' });
      }
    }
    expect(scene.kinds()).toEqual([]);
    expect(scene.body.deeds).toEqual([]);
  });

  test('opens once a nonce: a replay, an old one, and one from before a restart open nothing', async () => {
    const scene = await new SharedScene().inService();
    const phone = await scene.phone();
    const presentation = await phone.answer('start', scene.sharing.challenge());
    expect(await scene.sharing.present(presentation)).toMatchObject({ kind: 'done' });
    expect(await scene.sharing.present(presentation)).toMatchObject({ reason: 'nonce-used' });
    const late = await phone.answer('end', scene.sharing.challenge());
    scene.host.pass(30_001);
    expect(await scene.sharing.present(late)).toMatchObject({ reason: 'nonce-unknown' });
    const before = await phone.answer('end', scene.sharing.challenge());
    scene.life();
    expect(await scene.sharing.present(before)).toMatchObject({ reason: 'nonce-unknown' });
    expect(scene.kinds()).toEqual(['started']);
  });

  test('copied to another phone opens nothing, nor a proof made for another action', async () => {
    const scene = await new SharedScene().inService();
    const owner = new Phone();
    const token = await scene.token(owner);
    owner.keep(token);
    const thief = new Phone();
    thief.keep(token);
    expect(await scene.told(thief, 'start')).toBe('proof-wrong');
    await scene.ask(owner, 'start');
    const presentation = await owner.answer('pause', scene.sharing.challenge());
    expect(await scene.sharing.present({ ...presentation, action: 'end' })).toMatchObject({ reason: 'proof-wrong' });
    const again = await owner.answer('pause', scene.sharing.challenge());
    const renewed = await scene.token(owner);
    expect(await scene.sharing.present({ ...again, token: renewed })).toMatchObject({ reason: 'proof-wrong' });
    for (const length of [0, 63, 65]) {
      const bad = await owner.answer('pause', scene.sharing.challenge());
      expect(await scene.sharing.present({ ...bad, signature: new Uint8Array(length) })).toMatchObject({
        reason: 'proof-wrong',
      });
    }
  });

  test('is refused by the name of what is wrong with it', async () => {
    const scene = await new SharedScene().inService({ minimumFence: 3, revoked: ['00000000000000ff'] });
    const why = async (changes: Parameters<SharedScene['phone']>[0]) => scene.told(await scene.phone(changes), 'start');
    expect(await why({ fence: 3, vehicleId: 'veh-bbcdefghijklmnopqrst' })).toBe('token-for-another-vehicle');
    expect(await why({ fence: 2 })).toBe('fence-too-low');
    expect(await why({ fence: 3, tokenId: '00000000000000ff' })).toBe('token-revoked');
    expect(await why({ fence: 3, notBefore: noon + minute })).toBe('token-not-yet-valid');
    expect(await why({ fence: 3, expiresAt: noon })).toBe('token-expired');
    expect(await why({ fence: 3, actions: ['end'] })).toBe('action-not-allowed');
    const nowhere = { x: new Uint8Array(32).fill(1), y: new Uint8Array(32).fill(2) };
    expect(await why({ fence: 3, phoneKey: nowhere })).toBe('proof-wrong');
    const stranger = p256Signer(newP256Key().privateKeyPem);
    const phone = new Phone();
    const content = readToken(await scene.token(phone, { fence: 3 })).content;
    for (const signer of [stranger, { ...stranger, kid: issuer.kid }]) {
      phone.keep(await mintToken(content, signer));
      expect(await scene.told(phone, 'start')).toBe('token-altered');
    }
    expect(await why({ fence: 3 })).toBe('done');
  });

  test('opens no vehicle that knows nobody whom keys come from', async () => {
    const scene = new SharedScene();
    expect(await scene.told(await scene.phone(), 'start')).toBe('not-in-service');
  });
});

describe('what the cloud says of keys', () => {
  test('counts from the first issuer alone, for this vehicle, and never backwards', async () => {
    const scene = await new SharedScene().inService({ version: 5, minimumFence: 4 });
    const stranger = p256Signer(newP256Key().privateKeyPem);
    const strangers = { kid: stranger.kid, spki: base64url(stranger.spki) };
    await scene.say({ version: 9, minimumFence: 9 }, stranger, strangers);
    await scene.say({ version: 9, minimumFence: 9 }, stranger, issuerKey);
    await scene.say({ version: 9, minimumFence: 9, vehicleId: 'veh-bbcdefghijklmnopqrst' });
    await scene.say({ version: 4, minimumFence: 9 });
    await scene.say({ version: 6, minimumFence: 1 });
    const admits = async (fence: number) =>
      scene.told(await scene.phone({ fence, reservationId: `rsv-${fence}` }), 'start');
    expect(await admits(3)).toBe('fence-too-low');
    expect(await admits(4)).toBe('done');
  });

  test('may name who comes after, and then the one before says and opens nothing more', async () => {
    const scene = await new SharedScene().inService();
    const next = p256Signer(newP256Key().privateKeyPem);
    const successor = { kid: next.kid, spki: base64url(next.spki) };
    const phone = await scene.phone();
    await scene.say({ version: 2, successor });
    expect(await scene.told(phone, 'start')).toBe('token-altered');
    await scene.say({ version: 3, minimumFence: 9 });
    phone.keep(await mintToken(readToken(await scene.token(phone)).content, next));
    expect(await scene.told(phone, 'start')).toBe('done');
    await scene.say({ version: 3, minimumFence: 9 }, next, successor);
    expect(await scene.told(phone, 'end')).toBe('done');
    phone.keep(await mintToken(readToken(await scene.token(phone, { fence: 8 })).content, next));
    expect(await scene.told(phone, 'start')).toBe('fence-too-low');
  });

  test('may name who comes after in the middle of a trip, and takes it from nobody', async () => {
    const scene = await new SharedScene().inService();
    const next = p256Signer(newP256Key().privateKeyPem);
    const phone = await scene.phone();
    await scene.ask(phone, 'start');
    await scene.ask(phone, 'pause');
    await scene.say({ version: 2, minimumFence: 2, successor: { kid: next.kid, spki: base64url(next.spki) } });
    expect(await scene.told(phone, 'resume')).toBe('done');
    expect(await scene.told(phone, 'end')).toBe('done');
    expect(await scene.told(await scene.phone({ fence: 2 }), 'start')).toBe('token-altered');
  });

  test('is acknowledged with what is admitted now, and with the trip that goes on', async () => {
    const scene = await new SharedScene().inService();
    await scene.ask(await scene.phone({ fence: 5 }), 'start');
    await scene.sharing.connected();
    const admits = () => scene.reports.findLast(({ kind }) => kind === 'admits');
    await scene.say({ version: 2, minimumFence: 2 });
    await scene.settled();
    expect(admits()).toMatchObject({ statementVersion: 2, minimumFence: 5, onTrip: 5, zonesVersion: 3 });
    await scene.say({ version: 3, minimumFence: 6 });
    await scene.settled();
    expect(admits()).toMatchObject({ statementVersion: 3, minimumFence: 6, onTrip: 5, zonesVersion: 3 });
  });
});

describe('the log', () => {
  test('goes in batches of forty at the most, in order, and loses no line that is written meanwhile', async () => {
    const scene = await new SharedScene().inService();
    const phone = await scene.phone();
    await scene.ask(phone, 'start');
    for (let round = 0; round < 25; round += 1) {
      await scene.ask(phone, 'pause');
      await scene.ask(phone, 'resume');
    }
    let meanwhile: Promise<unknown> | undefined;
    scene.onReport = (report) => {
      if (report.kind === 'log') meanwhile ??= scene.ask(phone, 'pause');
    };
    await scene.sharing.connected();
    await scene.settled();
    await meanwhile;
    await scene.settled();
    const batches = scene.reports.flatMap((report) => (report.kind === 'log' ? [report.events.length] : []));
    expect(batches).toEqual([40, 12]);
    expect(scene.received().map(({ sequence }) => sequence)).toEqual(Array.from({ length: 52 }, (_, at) => at + 1));
    expect(scene.unsent()).toEqual([]);
  });

  test('follows the key that the vehicle told first, and status comes each quarter of an hour or when something changes', async () => {
    const scene = await new SharedScene().inService();
    expect(scene.reports[0]).toMatchObject({ kind: 'log-key', logKey: expect.stringMatching(/^[\w-]{122}$/) });
    const count = () => scene.reports.filter(({ kind }) => kind === 'status').length;
    await scene.sharing.connected();
    await scene.settled();
    const told = count();
    const passed = async (ms: number) => {
      scene.host.pass(ms);
      await scene.settled();
      return count() - told;
    };
    for (let second = 0; second < 9; second += 1) {
      scene.body.set({ charge: 80 - second });
      expect(await passed(1000)).toBe(0);
    }
    expect(await passed(1000)).toBe(1);
    expect(await passed(14 * minute)).toBe(1);
    expect(await passed(minute)).toBe(2);
    scene.body.set({ place: outside, charging: true });
    expect(await passed(10_000)).toBe(3);
    expect(scene.reports.at(-1)).toMatchObject({ kind: 'status', charging: true, place: outside, charge: 72 });
    // Once over each line.
    expect(scene.reports.filter(({ kind }) => kind === 'log-key')).toHaveLength(2);
  });
});

describe('the clock', () => {
  test('set back starts no trip, in this life and after a restart, until the cloud has told the time', async () => {
    const scene = await new SharedScene().inService();
    const phone = await scene.phone();
    scene.host.pass(20 * minute);
    expect(await scene.told(phone, 'start')).toBe('token-expired');
    scene.host.wall -= 10 * minute;
    expect(await scene.told(phone, 'start')).toBe('clock-not-authenticated');
    await scene.sharing.close();
    scene.life();
    expect(await scene.told(phone, 'start')).toBe('clock-not-authenticated');
    // It creeps past where it was, and is wrong all the same.
    scene.host.pass(30 * minute);
    const valid = await scene.phone({ issuedAt: scene.host.wall, expiresAt: scene.host.wall + 60 * minute });
    expect(await scene.told(valid, 'start')).toBe('clock-not-authenticated');
    scene.time = { earliest: scene.host.wall + 10 * minute, latest: scene.host.wall + 10 * minute + 100 };
    await scene.sharing.connected();
    expect(await scene.told(valid, 'start')).toBe('done');
    expect(scene.lines()[0]?.at).toBe(scene.host.wall + 10 * minute);
  });

  test('set back while the vehicle was off starts no trip', async () => {
    const scene = await new SharedScene().inService();
    const phone = await scene.phone();
    scene.host.pass(20 * minute);
    await scene.sharing.close();
    scene.host.wall = noon + minute;
    scene.host.counted = 5;
    scene.life();
    expect(await scene.told(phone, 'start')).toBe('clock-not-authenticated');
    scene.host.wall = 0;
    scene.life();
    expect(await scene.told(phone, 'start')).toBe('clock-not-authenticated');
  });

  test('that was never set starts no trip, whatever a token or a statement was signed at', async () => {
    const scene = new SharedScene();
    scene.host.wall = 0;
    scene.host.pass(1000);
    const [issuedAt, expiresAt] = [noon, noon + 15 * minute];
    await scene.say({ issuedAt });
    const phone = await scene.phone({ issuedAt, notBefore: issuedAt, expiresAt });
    expect(await scene.told(phone, 'start')).toBe('clock-not-authenticated');
    expect(await scene.told(phone, 'start')).toBe('clock-not-authenticated');
  });

  test('set back in the middle of a trip keeps nobody from ending it, and no line is earlier than the one before', async () => {
    const scene = await new SharedScene().inService();
    const phone = await scene.phone();
    await scene.ask(phone, 'start');
    scene.host.pass(10 * minute);
    await scene.ask(phone, 'pause');
    scene.host.wall -= 60 * minute;
    scene.host.pass(minute);
    expect(await scene.told(phone, 'resume')).toBe('done');
    await scene.sharing.close();
    scene.life();
    expect(await scene.told(phone, 'end')).toBe('done');
    const times = scene.unsent().map(({ at }) => (at - noon) / minute);
    expect(times).toEqual([0, 10, 11, 11]);
  });

  test('put right backwards in the middle of a trip, by the cloud, lets no line go back in time', async () => {
    const scene = await new SharedScene().inService();
    const phone = await scene.phone();
    scene.host.wall += 10 * minute;
    await scene.ask(phone, 'start');
    scene.time = { earliest: noon + minute, latest: noon + minute + 100 };
    await scene.sharing.connected();
    scene.sharing.disconnected();
    await scene.ask(phone, 'pause');
    scene.host.pass(20 * minute);
    await scene.ask(phone, 'end');
    const times = scene.lines().map(({ at }) => Math.round((at - noon) / minute));
    expect(times).toEqual([10, 10, 21]);
  });

  test('goes on over a restart and a slow quartz: who signed later makes it later', async () => {
    const scene = await new SharedScene().inService();
    await scene.sharing.close();
    scene.host.counted = 0;
    scene.host.pass(30 * minute);
    scene.life();
    const [issuedAt, expiresAt] = [scene.host.wall + 3 * minute, scene.host.wall + 18 * minute];
    const old = await scene.phone({ expiresAt: scene.host.wall + 2 * minute });
    const phone = await scene.phone({ issuedAt, notBefore: issuedAt, expiresAt });
    expect(await scene.told(phone, 'end')).toBe('no-trip');
    expect(await scene.told(old, 'start')).toBe('token-expired');
    expect(await scene.told(phone, 'start')).toBe('done');
    expect(scene.unsent()[0]?.at).toBe(issuedAt);
  });
});
