import type { HubAnswer, HubRequest } from '#local/azure/rest/route.ts';
import { parametersOf } from '#local/azure/rest/route.ts';
import { covers, isExpired, isSignedBy, parseSas } from '#local/azure/sas.ts';
import { type EnrollmentGroups, etagOf } from './enrollment-groups.ts';
import { groupAnswer } from './group-answer.ts';
import { badRequest, notFound, ProvisioningError, unauthorized } from './provisioning-error.ts';
import { registrationState } from './registration-answer.ts';
import type { Registrations } from './registrations.ts';

type Asked = Omit<HubRequest, 'parameters'>;
type Work = (request: HubRequest) => HubAnswer;

export interface ProvisioningApiOptions {
  readonly hostName: string;
  /** Of the policy `provisioningserviceowner`. */
  readonly key: string;
  readonly groups: EnrollmentGroups;
  readonly registrations: Registrations;
}

/** The service's REST API, as far as `azure-iot-provisioning-service` speaks it for groups of devices. */
export class ProvisioningApi {
  readonly #options: ProvisioningApiOptions;
  readonly #routes: readonly (readonly [method: string, path: string, work: Work])[];

  constructor(options: ProvisioningApiOptions) {
    this.#options = options;
    const { groups, registrations } = options;
    this.#routes = [
      [
        'POST',
        '/enrollmentgroups/query',
        (request) => paged(request, groups.all().map(groupAnswer), 'enrollmentGroup'),
      ],
      ['PUT', '/enrollmentgroups/{id}', (request) => this.#put(request)],
      ['GET', '/enrollmentgroups/{id}', ({ parameters }) => this.#group(groups.get(idOf(parameters)))],
      ['DELETE', '/enrollmentgroups/{id}', (request) => this.#delete(request)],
      ['POST', '/registrations/{id}/query', (request) => this.#ofGroup(request)],
      [
        'GET',
        '/registrations/{id}',
        ({ parameters }) => ({ status: 200, body: registrationState(registrations.get(idOf(parameters))) }),
      ],
      [
        'DELETE',
        '/registrations/{id}',
        ({ parameters }) => {
          registrations.delete(idOf(parameters));
          return { status: 204 };
        },
      ],
    ];
  }

  /** Hub and provisioning service share a port. */
  isMeant({ headers }: Asked): boolean {
    return headers['host']?.split(':')[0]?.toLowerCase() === this.#options.hostName;
  }

  async serve(asked: Asked): Promise<HubAnswer> {
    try {
      this.#authorize(asked);
      for (const [method, path, work] of this.#routes) {
        const parameters = method === asked.method ? parametersOf(path, lowered(asked.path)) : undefined;
        if (parameters !== undefined) return work({ ...asked, parameters });
      }
      throw notFound(`There is no ${asked.method} ${asked.path}.`);
    } catch (error) {
      if (!(error instanceof ProvisioningError)) throw error;
      return { status: error.status, body: error.body };
    }
  }

  #authorize({ headers, path }: Asked): void {
    const { hostName, key } = this.#options;
    const sas = parseSas(headers['authorization'] ?? '');
    const good =
      sas?.policy === 'provisioningserviceowner' &&
      !isExpired(sas) &&
      covers(sas, `${hostName}${path}`) &&
      isSignedBy(sas, [key]);
    if (!good) throw unauthorized('Unauthorized');
  }

  #put({ parameters, body, headers }: HubRequest): HubAnswer {
    return this.#group(this.#options.groups.put(idOf(parameters), jsonOf(body), headers['if-match']));
  }

  #delete({ parameters, headers }: HubRequest): HubAnswer {
    this.#options.groups.delete(idOf(parameters), headers['if-match']);
    return { status: 204 };
  }

  #ofGroup(request: HubRequest): HubAnswer {
    const { id } = this.#options.groups.get(idOf(request.parameters));
    const own = this.#options.registrations.all().filter(({ groupId }) => groupId === id);
    return paged(request, own.map(registrationState), 'deviceRegistration');
  }

  #group(group: Parameters<typeof groupAnswer>[0]): HubAnswer {
    return { status: 200, body: groupAnswer(group), headers: { etag: etagOf(group) } };
  }
}

/** The SDK writes the first part of the path in this way and in that; ids keep their case. */
function lowered(path: string): string {
  return path.replace(/^\/[A-Za-z]+/, (first) => first.toLowerCase());
}

const idOf = (parameters: Readonly<Record<string, string>>): string => parameters['id'] ?? '';

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw badRequest('The body is not JSON.');
  }
}

/** Any query gets everything: the service knows no condition that we would need. */
function paged({ headers }: HubRequest, all: readonly object[], type: string): HubAnswer {
  const size = Number(headers['x-ms-max-item-count'] ?? 1000);
  const from = Number(headers['x-ms-continuation'] ?? 0);
  if (!Number.isInteger(size) || size < 1 || !Number.isInteger(from)) throw badRequest('This page does not exist.');
  const more = from + size < all.length ? { 'x-ms-continuation': String(from + size) } : {};
  return { status: 200, body: all.slice(from, from + size), headers: { 'x-ms-item-type': type, ...more } };
}
