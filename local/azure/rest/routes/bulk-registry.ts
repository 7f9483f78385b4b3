import { z } from 'zod';
import type { LocalIotHub } from '../../hub/hub.ts';
import { argumentInvalid, HubError } from '../../hub/hub-error.ts';
import { understoodBody } from '../json-body.ts';
import type { HubAnswer, HubRequest } from '../route.ts';

const modes = ['create', 'update', 'updateIfMatchETag', 'delete', 'deleteIfMatchETag', 'createOrUpdate'] as const;

const entrySchema = z.looseObject({
  id: z.string(),
  // The SDK writes some of them with a capital.
  importMode: z.preprocess(
    (mode) => (typeof mode === 'string' ? mode.charAt(0).toLowerCase() + mode.slice(1) : mode),
    z.enum(modes),
  ),
  eTag: z.string().nullish(),
  etag: z.string().nullish(),
});
type Entry = z.infer<typeof entrySchema>;

/** Up to 100 devices at once; each for itself, and what does not go is in the answer. */
export function bulkRegistry(hub: LocalIotHub, request: HubRequest): HubAnswer {
  const entries = understoodBody(z.array(entrySchema), request);
  if (entries.length > 100) throw argumentInvalid('at most 100 devices at once');
  const errors = entries.flatMap((entry) => {
    try {
      apply(hub, entry);
      return [];
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      return [{ deviceId: entry.id, errorCode: error.code, errorStatus: error.message }];
    }
  });
  const isSuccessful = errors.length === 0;
  return { status: isSuccessful ? 200 : 400, body: { isSuccessful, errors, warnings: [] } };
}

function apply({ identities }: LocalIotHub, { id, importMode, eTag, etag, ...rest }: Entry): void {
  const wish = { ...rest, deviceId: id };
  const condition = eTag ?? etag ?? undefined;
  const known = identities.find(id) !== undefined;
  switch (importMode) {
    case 'create':
      identities.create(wish);
      return;
    case 'createOrUpdate':
      if (known) identities.update(wish);
      else identities.create(wish);
      return;
    case 'update':
      identities.update(wish);
      return;
    case 'updateIfMatchETag':
      identities.update(wish, condition ?? '');
      return;
    case 'delete':
      identities.delete(id);
      return;
    case 'deleteIfMatchETag':
      identities.delete(id, condition ?? '');
      return;
  }
}
