import { createHash } from 'node:crypto';
import type { ApiAnswer, ApiClient } from '../api-client.ts';
import { at, eventually, problem } from '../telling.ts';
import { patience } from './car-in-city.ts';

/** The first bytes of a JPEG. */
const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0]);

/**
 * Orders an address, sends the file there and says so; all of it again where something got lost: the same file is the
 * same photo.
 *
 * @param album the path of the driver's photos of this use
 * @param head what the file begins with
 */
export function photographed(driver: ApiClient, album: string, moment: string, head = jpeg): Promise<ApiAnswer> {
  const file = Buffer.concat([head, Buffer.from(`Nobody’s picture of the ${moment}, ${album}`.padEnd(300, '.'))]);
  const sha256 = createHash('sha256').update(file).digest('hex');
  const order = { moment, contentType: 'image/jpeg', bytes: file.length, sha256 };
  return eventually(
    `a photo of the ${moment} in the store`,
    async () => {
      const { body } = await driver.post(album, order);
      const checksum = String(at(body, 'upload', 'headers', 'x-amz-checksum-sha256'));
      const headers = { 'content-type': 'image/jpeg', 'x-amz-checksum-sha256': checksum };
      const url = at(body, 'upload', 'url');
      if (typeof url === 'string') {
        await fetch(url, { method: 'PUT', headers, body: new Uint8Array(file) }).catch(() => undefined);
      }
      return driver.post(`${album}/${at(body, 'photoId')}/complete`, undefined);
    },
    (answer) => at(answer.body, 'status') === 'there' || problem(answer) === 'photo-refused',
    patience,
  );
}

/** Whoever has the link sees it. @returns status and type of what comes */
export async function opened(photo: unknown): Promise<string> {
  const answer = await fetch(String(at(photo, 'link', 'url')));
  return `${answer.status} ${answer.headers.get('content-type')}`;
}
