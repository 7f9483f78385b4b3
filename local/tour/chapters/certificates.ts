import type { Step } from '../journey.ts';
import { knock } from '../knock.ts';
import { at, eventually } from '../telling.ts';
import { golf } from './vehicles.ts';

export const certificateSteps: readonly Step[] = [
  {
    title: 'A vehicle changes its certificate by itself, and the former one opens nothing any more',
    async run(journey) {
      const { golf: vehicle, operator } = journey;
      const former = journey.identityOf(golf.vin);
      await eventually(
        'another certificate',
        () => vehicle.rotateCertificate().then(() => vehicle.certificate?.certificateId, String),
        () => vehicle.certificate?.certificateId !== former.certificateId,
        60_000,
      );
      const present = vehicle.certificate?.certificateId;
      await eventually(
        'the new certificate alone',
        () => operator.get(`/v1/vehicles/${vehicle.vehicleId}/certificates`),
        ({ body }) => {
          const [only] = [at(body, 'certificates', 0)];
          const alone = at(body, 'certificates', 1) === undefined;
          return alone && at(only, 'certificateId') === present && at(only, 'status') === 'ACTIVE';
        },
      );
      await eventually(
        'a closed door',
        () => knock(journey.cloud, former),
        (answer) => answer === 'refused',
      );
      await eventually(
        'the vehicle online',
        () => vehicle.presence,
        ({ status }) => status === 'online',
      );
    },
  },
];
