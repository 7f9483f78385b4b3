import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { listenForDevices } from '#local/iot/broker/https.ts';
import { openPolicy, startWorld, testAuthority } from './fixture.ts';
import { connectRaw } from './raw-client.ts';

/** Somebody who connects and never begins with TLS. */
async function mute(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

test('the broker closes though somebody connected and said nothing, and tells its clients', async () => {
  const world = await startWorld();
  const { client } = await connectRaw(world, await world.device(openPolicy), { clientId: 'closing' });
  const silent = await mute(world.broker.port);
  const ended = once(silent, 'close');

  await world.broker.close();

  expect(await client.next('disconnect')).toMatchObject({ reasonCode: 0x8b });
  await ended;
});

test('the HTTPS port of devices closes though somebody connected and said nothing', async () => {
  const { caPem, server } = await testAuthority();
  const serve = () => Promise.resolve({ status: 200 });
  const listener = await listenForDevices({ port: 0, caPem, server, log: () => undefined, serve });
  const silent = await mute(listener.port);
  const ended = once(silent, 'close');

  await listener.close();

  await ended;
});

test('a broker does not open where somebody else answers to localhost over IPv6', async ({ skip }) => {
  const other = createServer();
  other.listen(0, '::1');
  const [event] = await Promise.race([once(other, 'listening').then(() => ['listening']), once(other, 'error')]);
  skip(event !== 'listening', 'this machine has no IPv6');
  const { port } = other.address() as AddressInfo;

  await expect(startWorld({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });

  other.close();
});
