import { z } from 'zod';
import { invalidRequest } from '../../registry/errors.ts';
import { answer, done, type Route, seconds } from '../../registry/rest.ts';
import { type JobEvents, type JobEventType, jobEventTypes } from '../job-events.ts';

/** The kinds of events that AWS IoT knows beside those of jobs. They are off here, and stay so. */
const otherTypes = [
  'THING',
  'THING_GROUP',
  'THING_TYPE',
  'THING_GROUP_MEMBERSHIP',
  'THING_GROUP_HIERARCHY',
  'THING_TYPE_ASSOCIATION',
  'POLICY',
  'CERTIFICATE',
  'CA_CERTIFICATE',
] as const;

const update = z.strictObject({
  eventConfigurations: z
    .partialRecord(z.enum([...jobEventTypes, ...otherTypes]), z.strictObject({ Enabled: z.boolean().optional() }))
    .optional(),
});

/** Which events AWS IoT sends. */
export function eventConfigurationRoutes(events: JobEvents): readonly Route[] {
  return [
    {
      name: 'UpdateEventConfigurations',
      method: 'PATCH',
      path: '/event-configurations',
      understand(call) {
        const { eventConfigurations: asked = {} } = call.json(update);
        const unsent = otherTypes.find((type) => asked[type]?.Enabled === true);
        if (unsent !== undefined) throw invalidRequest(`The local cloud sends no events of the type ${unsent}.`);
        const changes = jobEventTypes.flatMap((type): [JobEventType, boolean][] =>
          asked[type] === undefined ? [] : [[type, asked[type].Enabled === true]],
        );
        return {
          permissions: [{ action: 'iot:UpdateEventConfigurations', resource: '*' }],
          run() {
            events.set(new Map(changes));
            return done();
          },
        };
      },
    },
    {
      name: 'DescribeEventConfigurations',
      method: 'GET',
      path: '/event-configurations',
      understand: () => ({
        permissions: [{ action: 'iot:DescribeEventConfigurations', resource: '*' }],
        run() {
          const { enabled = [], createdAt, modifiedAt } = events.switches ?? {};
          const of = (type: string) => [type, { Enabled: enabled.some((one) => one === type) }];
          return answer({
            eventConfigurations: Object.fromEntries([...jobEventTypes, ...otherTypes].map(of)),
            ...(createdAt !== undefined && { creationDate: seconds(createdAt) }),
            ...(modifiedAt !== undefined && { lastModifiedDate: seconds(modifiedAt) }),
          });
        },
      }),
    },
  ];
}
