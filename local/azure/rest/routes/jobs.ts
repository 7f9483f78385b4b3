import type { LocalIotHub } from '../../hub/hub.ts';
import { argumentInvalid } from '../../hub/hub-error.ts';
import { pageOf } from '../../hub/query/pages.ts';
import { jsonOf } from '../json-body.ts';
import type { Route } from '../route.ts';

/** Jobs v2; those that import and export identities are none of them. */
export function jobRoutes(hub: LocalIotHub): readonly Route[] {
  return [
    {
      ...{ operation: 'queryJobs', method: 'GET', path: '/jobs/v2/query', right: 'RegistryRead', load: 'jobs' },
      run({ query, headers }) {
        const [type, status] = [query.get('jobType') ?? undefined, query.get('jobStatus') ?? undefined];
        const asked = { size: headers['x-ms-max-item-count'], continuation: headers['x-ms-continuation'] };
        const { rows, continuation } = pageOf(`jobs/${type}/${status}`, hub.jobs.list(type, status), asked);
        const next = continuation === undefined ? {} : { 'x-ms-continuation': continuation };
        const body = rows.map(({ value }) => value);
        return { status: 200, body, headers: { 'x-ms-item-type': 'JobResponse', ...next } };
      },
    },
    {
      ...{ operation: 'getJob', method: 'GET', path: '/jobs/v2/{jobId}', right: 'RegistryRead', load: 'jobs' },
      run: ({ parameters: { jobId = '' } }) => ({ status: 200, body: hub.jobs.get(jobId) }),
    },
    {
      ...{ operation: 'createJob', method: 'PUT', path: '/jobs/v2/{jobId}', right: 'RegistryWrite', load: 'jobs' },
      run(request) {
        const said = jsonOf(request);
        const named = typeof said === 'object' && said !== null && 'jobId' in said ? said.jobId : undefined;
        if (named !== request.parameters['jobId'])
          throw argumentInvalid('jobId: the body and the path name different jobs');
        return { status: 200, body: hub.jobs.create(said) };
      },
    },
    {
      operation: 'cancelJob',
      ...{ method: 'POST', path: '/jobs/v2/{jobId}/cancel', right: 'RegistryWrite', load: 'jobs' },
      run: ({ parameters: { jobId = '' } }) => ({ status: 200, body: hub.jobs.cancel(jobId) }),
    },
  ];
}
