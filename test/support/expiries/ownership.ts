import { at } from '#local/tour/telling.ts';
import { type Ask, type Make, newVin, problemOf, type Stage } from './stage.ts';

/** What passes between a car and those who own it. */
export const ofOwnership: Readonly<Record<string, Make>> = {
  async 'the code on a car’s screen'(stage) {
    const [first, second] = [await carWithCode(stage), await carWithCode(stage)];
    const claim = ({ vin, code }: { readonly vin: string; readonly code: string }): Ask => {
      return async () => problemOf(await (await stage.person('driver')).post('/v1/me/vehicles', { vin, code }));
    };
    return [claim(first), claim(second), claim(second)];
  },
  async 'the codes that a car may ask for'(stage) {
    const { car } = await stage.car();
    const show: Ask = () =>
      car.ownership.showCode().then(
        () => 'good',
        (error) => String(Reflect.get(Object(error), 'reason') ?? error),
      );
    for (let asked = 0; asked < 10; asked += 1) await show();
    return show;
  },
  async 'the tries at the code of one car'(stage) {
    const claim = { vin: newVin(), code: '7K3M-9QWX' };
    const ask = async () => problemOf(await (await stage.person('driver')).post('/v1/me/vehicles', claim));
    for (let tried = 0; tried < 5; tried += 1) await ask();
    return ask;
  },
  async 'the offer of a car'(stage) {
    const { vin, code, vehicleId } = await carWithCode(stage);
    const giver = await stage.person('driver');
    await giver.post('/v1/me/vehicles', { vin, code });
    const offer = await giver.post(`/v1/me/vehicles/${vehicleId}/handover`, { to: 'second-driver' });
    const id = at(offer.body, 'offerId');
    const listed: Ask = async () => {
      const { body } = await (await stage.person('second-driver')).get('/v1/me/offers');
      return JSON.stringify(body).includes(String(id)) ? 'good' : 'not listed';
    };
    const accepted: Ask = async () =>
      problemOf(await (await stage.person('second-driver')).post(`/v1/me/offers/${id}/acceptance`, undefined));
    return [listed, accepted, accepted];
  },
};

async function carWithCode(stage: Stage) {
  const { car, ...vehicle } = await stage.car();
  const { code } = await car.ownership.showCode();
  return { ...vehicle, code };
}
