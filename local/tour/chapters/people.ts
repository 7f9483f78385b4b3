import type { Vehicle } from '#device-sdk/vehicle.ts';
import type { ApiAnswer, ApiClient } from '../api-client.ts';
import type { Step } from '../journey.ts';
import { at, check, eventually, problem } from '../telling.ts';

/** A person beside the car types what its screen shows, and looks again where it shows another code by then. */
export async function claimedFromScreen(person: ApiClient, { vehicleId, ownership }: Vehicle): Promise<ApiAnswer> {
  await ownership.showCode();
  let typed: string | undefined;
  const { answer } = await eventually(
    'a code that is the one on the screen',
    async () => {
      typed = ownership.code?.code ?? (await ownership.showCode()).code;
      return { answer: await person.post('/v1/me/vehicles', { vehicleId, code: typed.toLowerCase() }) };
    },
    ({ answer }) => problem(answer) !== 'claim-code-wrong' || ownership.code?.code === typed,
  );
  return answer;
}

/** A person, an owner, the next owner. */
export const peopleSteps: readonly Step[] = [
  {
    title: 'A person signs in; what is theirs opens for no program, and the fleet for no person',
    async run(journey) {
      const driver = journey.person('driver');
      const me = await driver.get('/v1/me');
      check(me.status === 200 && at(me.body, 'personId') !== undefined, 'who one is', me);
      const program = await journey.operator.get('/v1/me');
      check(problem(program) === 'person-token-needed', 'no way in for a program', program);
      const fleet = await driver.get('/v1/vehicles');
      check(fleet.status === 403, 'a 403 for a person at the fleet', fleet);
    },
  },
  {
    title: 'Who reads the code on its screen owns the car; a wrong code opens nothing',
    async run(journey) {
      const { vehicleId, ownership } = journey.golf;
      const driver = journey.person('driver');
      await ownership.showCode();
      const wrong = await driver.post('/v1/me/vehicles', { vehicleId, code: '0000-0000' });
      check(problem(wrong) === 'claim-code-wrong', 'a wrong code', wrong);
      const claimed = await claimedFromScreen(driver, journey.golf);
      check(claimed.status === 201 || claimed.status === 200, 'a claimed vehicle', claimed);
      await eventually(
        'a dark screen',
        () => ownership.code,
        (shown) => shown === undefined,
      );
      await eventually(
        'the car among those of its owner',
        () => driver.get('/v1/me/vehicles'),
        ({ body }) => JSON.stringify(body).includes(String(vehicleId)),
      );
    },
  },
  {
    title: 'Nobody else claims a car that is owned, nor hears whose it is',
    async run(journey) {
      const { vehicleId } = journey.golf;
      const second = journey.person('second-driver');
      const refused = await claimedFromScreen(second, journey.golf);
      check(problem(refused) === 'vehicle-owned', 'a refusal', refused);
      const owner = String(at((await journey.person('driver').get('/v1/me')).body, 'personId'));
      check(!JSON.stringify(refused.body).includes(owner), 'nothing of the owner', refused.body);
      const hidden = await second.get(`/v1/me/vehicles/${vehicleId}`);
      check(hidden.status === 404, '404 for a car that is not theirs', hidden);
    },
  },
  {
    title: 'The owner hands the car on to the person whose name they write, who accepts it',
    async run(journey) {
      const { vehicleId } = journey.golf;
      const [driver, second] = [journey.person('driver'), journey.person('second-driver')];
      const to = journey.usernameOf('second-driver');
      const offer = await driver.post(`/v1/me/vehicles/${vehicleId}/handover`, { to });
      check(offer.status === 201, 'an offer', offer);
      const offerId = at(offer.body, 'offerId');
      const theirs = await driver.post(`/v1/me/offers/${offerId}/acceptance`, undefined);
      check(problem(theirs) === 'offer-not-found', 'no such offer for anybody else', theirs);
      for (const time of ['once', 'again']) {
        const accepted = await second.post(`/v1/me/offers/${offerId}/acceptance`, undefined);
        check(accepted.status === 200, `a car accepted ${time}`, accepted);
      }
      const former = await driver.get(`/v1/me/vehicles/${vehicleId}`);
      check(former.status === 404, '404 for the former owner', former);
    },
  },
  {
    title: 'A car that is given up is nobody’s, and its history says what happened',
    async run(journey) {
      const { vehicleId } = journey.golf;
      const second = journey.person('second-driver');
      const givenUp = await second.send('DELETE', `/v1/me/vehicles/${vehicleId}`);
      // 404: an answer before this one was lost.
      check(givenUp.status === 200 || givenUp.status === 404, 'a car given up', givenUp);
      const { body } = await journey.operator.get(`/v1/vehicles/${vehicleId}/ownership`);
      check(at(body, 'owned') === false, 'a car without an owner', body);
      const history = await journey.operator.get(`/v1/vehicles/${vehicleId}/ownership/history`);
      const reasons = [0, 1, 2].map((line) => at(history.body, 'items', line, 'reason'));
      check(reasons.join() === 'given-up,handed-on,claimed', 'three changes, the newest first', history.body);
    },
  },
];
