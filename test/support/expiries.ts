import type { Vehicle } from '#device-sdk/vehicle.ts';
import { ApiClient } from '#local/tour/api-client.ts';
import { golf } from '#local/tour/chapters/vehicles.ts';
import { signIn } from '#local/tour/sign-in.ts';
import { at, eventually } from '#local/tour/telling.ts';
import { leaseTime, memoryTime } from '#shared/access/idempotent-operation.ts';
import { codeLifetime } from '#shared/ownership/claim-code.ts';
import { offerLifetime } from '#shared/ownership/ownership.ts';
import { uploadTime } from '#shared/transfers/import.ts';
import { downloadTime } from '#shared/transfers/import-service.ts';
import { Browser } from '../local/identity/browser.ts';
import type { JourneyCloud } from './journey-cloud.ts';
import { rawVehicle } from './raw-vehicle.ts';
import { Transfers } from './transfers.ts';

/** Says in a word how it stands with what was made: `good`, or the name under which it is refused. */
type Ask = () => Promise<string>;

/** Something that is good for a time. */
export interface Expiry {
  readonly name: string;
  /** ms, from when it is made. */
  readonly life: number;
  /** Makes it. Asked just before its end, just after it, and again when the clock was set back to the beginning. */
  make(): Promise<Ask | readonly [before: Ask, after: Ask, back: Ask]>;
  readonly before: string;
  readonly after: string;
  /** What was final stays so; what the clock alone decides follows the clock. */
  readonly back: string;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

let serial = 0;
function newVin(): string {
  serial += 1;
  return `WVWZZZTME${String(serial).padStart(8, '0')}`;
}

const signedStatus = (good: number) => (status: number) => (status === good ? 'good' : String(status));

/** The expiries that meet a caller, a person or a vehicle, in one place. */
export function expiries(scene: () => JourneyCloud): readonly Expiry[] {
  const file = () => scene().cloud.file;
  const operator = () => new ApiClient(file(), 'operator');
  const problem = ({ status, body }: { readonly status: number; readonly body: unknown }) =>
    status < 400 ? 'good' : String(at(body, 'type')).replace('/docs#problem-', '');

  return [
    {
      ...{ name: 'the token of a machine', life: hour, before: 'good', after: '401', back: 'good' },
      async make() {
        const token = await operator().token();
        const client = new ApiClient(file(), async () => token);
        return async () => signedStatus(200)((await client.get('/v1/vehicles')).status);
      },
    },
    {
      ...{ name: 'the token of a person', life: hour, before: 'good', after: '401', back: 'good' },
      async make() {
        const { accessToken } = await signIn(file(), 'driver');
        const client = new ApiClient(file(), async () => accessToken);
        return async () => signedStatus(200)((await client.get('/v1/me')).status);
      },
    },
    {
      ...{ name: 'what renews a person’s token', life: 30 * day, before: 'good' },
      ...{ after: 'NotAuthorizedException', back: 'good' },
      async make() {
        const { refreshToken } = await signIn(file(), 'driver');
        return () => renewal(scene(), refreshToken);
      },
    },
    {
      ...{
        name: 'the code with which a browser comes back',
        life: 5 * minute,
        before: 'good',
        after: '400',
        back: '400',
      },
      async make() {
        const [first, second] = [await arrival(scene()), await arrival(scene())];
        const used = async ({ browser, url }: Arrival) => signedStatus(200)((await browser.open(url)).status);
        return [() => used(first), () => used(second), () => used(second)];
      },
    },
    {
      ...{
        name: 'the code on a car’s screen',
        life: codeLifetime,
        before: 'good',
        after: 'claim-code-expired',
        back: 'good',
      },
      async make() {
        const [first, second] = [await carWithCode(scene()), await carWithCode(scene())];
        const claim = ({ vin, code }: { readonly vin: string; readonly code: string }): Ask => {
          return async () => problem(await (await person(scene(), 'driver')).post('/v1/me/vehicles', { vin, code }));
        };
        return [claim(first), claim(second), claim(second)];
      },
    },
    {
      ...{ name: 'the offer of a car', life: offerLifetime, before: 'good', after: 'offer-not-found', back: 'good' },
      async make() {
        const { vin, code, vehicleId } = await carWithCode(scene());
        const giver = await person(scene(), 'driver');
        await giver.post('/v1/me/vehicles', { vin, code });
        const offer = await giver.post(`/v1/me/vehicles/${vehicleId}/handover`, { to: 'second-driver' });
        const id = at(offer.body, 'offerId');
        const listed: Ask = async () => {
          const { body } = await (await person(scene(), 'second-driver')).get('/v1/me/offers');
          return JSON.stringify(body).includes(String(id)) ? 'good' : 'not listed';
        };
        const accepted: Ask = async () =>
          problem(await (await person(scene(), 'second-driver')).post(`/v1/me/offers/${id}/acceptance`, undefined));
        return [listed, accepted, accepted];
      },
    },
    {
      ...{
        name: 'the memory of a key',
        life: memoryTime,
        before: 'good',
        after: 'carried out anew',
        back: 'carried out anew',
      },
      async make() {
        const key = { 'idempotency-key': `memory-${newVin()}` };
        const ask = async () => at((await operator().post('/v1/imports', { format: 'csv' }, key)).body, 'importId');
        const first = await ask();
        return async () => ((await ask()) === first ? 'good' : 'carried out anew');
      },
    },
    {
      ...{
        name: 'the lease of a request that died',
        life: leaseTime,
        before: 'operation-in-progress',
        after: 'good',
        back: 'good',
      },
      async make() {
        const { faults } = scene().cloud;
        const key = { 'idempotency-key': `lease-${newVin()}` };
        const vehicle = { ...golf, vin: newVin() };
        faults.plan({
          kind: 'crash',
          hop: 'function',
          label: '*-api',
          when: 'after-effect',
          operation: 'TransactWriteItems',
          times: 1,
        });
        const { status } = await operator().post('/v1/vehicles', vehicle, key);
        faults.endAll();
        if (status < 500) throw new Error(`The request did not die: ${status}`);
        return async () => problem(await operator().post('/v1/vehicles', vehicle, key));
      },
    },
    {
      ...{ name: 'a command that nobody answers', life: 65_000, before: 'sent', after: 'expired', back: 'expired' },
      async make() {
        const { vehicleId, identity, client } = await rawVehicle(scene(), newVin());
        await client.subscribe(identity.topics.commandTopic);
        await eventually(
          'a connected vehicle',
          () => operator().get(`/v1/vehicles/${vehicleId}`),
          ({ body }) => at(body, 'connection', 'connected') === true && at(body, 'status') === 'active',
        );
        const order = { name: 'doors.lock', expiresInSeconds: 60 };
        const { body } = await operator().post(`/v1/vehicles/${vehicleId}/commands`, order);
        const path = `/v1/vehicles/${vehicleId}/commands/${at(body, 'commandId')}`;
        const status: Ask = async () => String(at((await operator().get(path)).body, 'status'));
        const end: Ask = () => eventually('an end', status, (now) => now !== 'sent');
        return [status, end, status];
      },
    },
    {
      ...{ name: 'the place for an upload', life: uploadTime, before: 'good', after: '403', back: 'good' },
      async make() {
        const transfers = new Transfers(operator());
        const [first, second] = [await transfers.start('ndjson'), await transfers.start('ndjson')];
        const put = async (url: string) =>
          signedStatus(200)((await fetch(url, { method: 'PUT', body: '{}\n' })).status);
        return [() => put(first.uploadUrl), () => put(second.uploadUrl), () => put(second.uploadUrl)];
      },
    },
    {
      ...{
        name: 'an import that nobody uploads',
        life: 2 * uploadTime,
        before: 'waiting',
        after: 'upload-expired',
        back: 'upload-expired',
      },
      async make() {
        const { importId } = await new Transfers(operator()).start('csv');
        return async () => {
          const view = await new Transfers(operator()).get(importId);
          return view.problem?.code ?? view.status;
        };
      },
    },
    {
      ...{ name: 'the link to a report', life: downloadTime, before: 'good', after: '403', back: 'good' },
      async make() {
        const { view } = await new Transfers(operator()).import(
          'csv',
          'vin;brand;model;market\nnonsense;volkswagen;ID.3;DE\n',
        );
        return async () => signedStatus(200)((await fetch(view.reportUrl ?? '')).status);
      },
    },
  ];
}

async function person({ cloud }: JourneyCloud, name: string): Promise<ApiClient> {
  const { accessToken } = await signIn(cloud.file, name);
  return new ApiClient(cloud.file, async () => accessToken);
}

async function carWithCode(scene: JourneyCloud) {
  const vin = newVin();
  const vehicleId = await scene.journey.registered({ ...golf, vin });
  const car: Vehicle = scene.journey.vehicle(vin);
  await car.connect();
  await eventually(
    'an active vehicle',
    () => new ApiClient(scene.cloud.file, 'operator').get(`/v1/vehicles/${vehicleId}`),
    ({ body }) => at(body, 'status') === 'active',
  );
  const { code } = await car.ownership.showCode();
  return { vin, vehicleId, code };
}

interface Arrival {
  readonly browser: Browser;
  readonly url: string;
}

/** As far as the page that takes the code, which is not opened. */
async function arrival({ cloud }: JourneyCloud): Promise<Arrival> {
  const { app, users } = cloud.file.identity;
  const browser = new Browser();
  const { url, response } = await browser.follow(new URL('/', app.authorizeUrl).href);
  const { username = '', password = '' } = users[0] ?? {};
  const sent = await browser.submit(url, await response.text(), { username, password });
  return { browser, url: sent.headers.get('location') ?? '' };
}

async function renewal({ cloud }: JourneyCloud, refreshToken: string): Promise<string> {
  const answer = await fetch(cloud.file.aws.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth',
    },
    body: JSON.stringify({
      AuthFlow: 'REFRESH_TOKEN_AUTH',
      ClientId: cloud.file.identity.app.clientId,
      AuthParameters: { REFRESH_TOKEN: refreshToken },
    }),
  });
  return answer.ok ? 'good' : String(at(await answer.json(), '__type'));
}
