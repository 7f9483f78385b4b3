import { AwsError } from '#local/aws-error.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import type { Arns } from '../registry/arns.ts';
import { invalidRequest } from '../registry/errors.ts';
import { answer, type PageNames, type RestCall, type Route } from '../registry/rest.ts';
import type { JsonObject } from '../shadows/json.ts';
import { ShadowRejection } from '../shadows/request.ts';
import type { ShadowService } from '../shadows/shadow-service.ts';
import { shadowNamePattern, thingNamePattern } from '../shadows/shadow-topics.ts';

const errorNames: Readonly<Record<number, string>> = {
  400: 'InvalidRequestException',
  404: 'ResourceNotFoundException',
  409: 'ConflictException',
  413: 'RequestEntityTooLargeException',
  415: 'UnsupportedDocumentEncodingException',
};

const shadowPages: PageNames = { size: 'pageSize', token: 'nextToken', next: 'nextToken', default: 25, most: 100 };

/** Shadows over HTTP. An update is announced over MQTT as any other, an error is not. */
export function shadowRoutes(shadows: ShadowService, arns: Arns, clock: Clock): readonly Route[] {
  const shadowRoute = (
    name: string,
    method: 'GET' | 'POST' | 'DELETE',
    run: (thingName: string, shadowName: string | undefined, payload: Buffer) => JsonObject,
  ): Route => ({
    name,
    method,
    path: '/things/{thingName}/shadow',
    query: ['name'],
    understand(call) {
      const thingName = thingOf(call);
      const shadowName = call.query('name');
      if (shadowName !== undefined && !shadowNamePattern.test(shadowName)) {
        throw invalidRequest(`"${shadowName}" is no valid shadow name.`);
      }
      // A named shadow is a resource of its own: `thing/<thing>/<shadow>`.
      const resource = arns.thing(shadowName === undefined ? thingName : `${thingName}/${shadowName}`);
      return {
        permissions: [{ action: `iot:${name}`, resource }],
        run: () => answer(translated(() => run(thingName, shadowName, call.body))),
      };
    },
  });

  return [
    shadowRoute('GetThingShadow', 'GET', (thing, name) => shadows.get(thing, name)),
    shadowRoute('UpdateThingShadow', 'POST', (thing, name, payload) => shadows.update(thing, name, payload)),
    shadowRoute('DeleteThingShadow', 'DELETE', (thing, name) => shadows.delete(thing, name)),
    {
      name: 'ListNamedShadowsForThing',
      method: 'GET',
      path: '/api/things/shadow/ListNamedShadowsForThing/{thingName}',
      query: ['nextToken', 'pageSize'],
      understand(call) {
        const thingName = thingOf(call);
        return {
          permissions: [{ action: 'iot:ListNamedShadowsForThing', resource: arns.thing(thingName) }],
          run() {
            const { items, next } = call.page(shadows.namedShadows(thingName), (name) => name, shadowPages);
            return answer({ results: items, ...next, timestamp: Math.floor(clock.now() / 1000) });
          },
        };
      },
    },
  ];
}

function thingOf(call: RestCall): string {
  const thingName = call.parameter('thingName');
  if (!thingNamePattern.test(thingName)) throw invalidRequest(`"${thingName}" is no valid thing name.`);
  return thingName;
}

function translated(run: () => JsonObject): JsonObject {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ShadowRejection)) throw error;
    throw new AwsError(errorNames[error.code] ?? 'InternalFailureException', error.code, error.message);
  }
}
