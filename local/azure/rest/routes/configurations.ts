import type { LocalIotHub } from '../../hub/hub.ts';
import { argumentInvalid } from '../../hub/hub-error.ts';
import { jsonOf } from '../json-body.ts';
import type { Route } from '../route.ts';

/** Automatic device configurations. */
export function configurationRoutes(hub: LocalIotHub): readonly Route[] {
  const one = '/configurations/{id}';
  return [
    {
      operation: 'listConfigurations',
      ...{ method: 'GET', path: '/configurations', right: 'RegistryRead', load: 'registry' },
      run: () => ({ status: 200, body: hub.configurations.list() }),
    },
    {
      ...{ operation: 'getConfiguration', method: 'GET', path: one, right: 'RegistryRead', load: 'registry' },
      run: ({ parameters: { id = '' } }) => ({ status: 200, body: hub.configurations.get(id) }),
    },
    {
      ...{ operation: 'putConfiguration', method: 'PUT', path: one, right: 'RegistryWrite', load: 'registry' },
      run(request) {
        const said = jsonOf(request);
        const named = typeof said === 'object' && said !== null && 'id' in said ? said.id : undefined;
        if (named !== request.parameters['id']) throw argumentInvalid('id: the body and the path name different ones');
        return { status: 200, body: hub.configurations.put(said, request.headers['if-match']) };
      },
    },
    {
      ...{ operation: 'deleteConfiguration', method: 'DELETE', path: one, right: 'RegistryWrite', load: 'registry' },
      run({ parameters: { id = '' }, headers }) {
        hub.configurations.delete(id, headers['if-match']);
        return { status: 204 };
      },
    },
  ];
}
