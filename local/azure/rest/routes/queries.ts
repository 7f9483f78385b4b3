import { z } from 'zod';
import type { LocalIotHub } from '../../hub/hub.ts';
import { pageOf } from '../../hub/query/pages.ts';
import { understoodBody } from '../json-body.ts';
import type { Route } from '../route.ts';

const wish = z.object({ query: z.string().min(1).max(32_768) });

export function queryRoutes(hub: LocalIotHub): readonly Route[] {
  return [
    {
      ...{ operation: 'query', method: 'POST', path: '/devices/query', right: 'RegistryRead', load: 'queries' },
      run(request) {
        hub.metering.requireQuota();
        const { query } = understoodBody(wish, request);
        const { type, rows } = hub.queries.run(query);
        const { 'x-ms-max-item-count': size, 'x-ms-continuation': asked } = request.headers;
        const { rows: page, continuation } = pageOf(query, rows, { size, continuation: asked });
        const body = page.map(({ value }) => value);
        if (type !== 'DeviceJob') hub.metering.count('query', '', Buffer.byteLength(JSON.stringify(body)));
        const next = continuation === undefined ? {} : { 'x-ms-continuation': continuation };
        return { status: 200, body, headers: { 'x-ms-item-type': type, ...next } };
      },
    },
  ];
}
