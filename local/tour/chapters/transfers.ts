import type { ApiClient } from '../api-client.ts';
import type { Step } from '../journey.ts';
import { at, check, eventually } from '../telling.ts';
import { production } from './vehicles.ts';

const lines = 60;

/** A year's production, in small: 57 good lines, and three that cannot be registered. */
function productionFile(): string {
  const line = (index: number) => {
    const { vin, brand, model, market } = production(index);
    return [vin, brand, model, market].join(';');
  };
  const file = Array.from({ length: lines }, (_, index) => line(index));
  file[19] = line(19).replace(production(19).vin, 'WVWZZZ1KZAW00O019');
  file[39] = line(39).replace(production(39).brand, 'no-such-brand');
  file[49] = line(0).replace(';DE', ';FR');
  return ['vin;brand;model;market', ...file, ''].join('\r\n');
}

/** PUTs the file until it is there: the same again is the same. */
async function upload(url: string, file: string): Promise<void> {
  await eventually(
    'an upload',
    () =>
      fetch(url, { method: 'PUT', body: file }).then(
        ({ status }) => status,
        (error: unknown) => String(error),
      ),
    (status) => status === 200,
  );
}

/** The text behind a link that the API gave; a new question gives a new link. */
async function download(client: ApiClient, path: string, link: string): Promise<string> {
  let text = '';
  await eventually(
    `the file of ${path}`,
    async () => {
      const url = at((await client.get(path)).body, link);
      if (typeof url !== 'string') return undefined;
      const answer = await fetch(url).catch(() => undefined);
      text = (await answer?.text().catch(() => undefined)) ?? '';
      return answer?.status;
    },
    (status) => status === 200,
    60_000,
  );
  return text;
}

export const transferSteps: readonly Step[] = [
  {
    title: `An operator brings in ${lines} vehicles from a file and watches the progress; the report names each bad line`,
    async run({ operator }) {
      const started = await operator.post('/v1/imports', { format: 'csv' });
      check(started.status === 201, 'an import', started);
      const path = `/v1/imports/${at(started.body, 'importId')}`;
      await upload(String(at(started.body, 'uploadUrl')), productionFile());
      let seen = 0;
      const { body } = await eventually(
        'an import that is done',
        () => operator.get(path),
        ({ body }) => {
          const percent = at(body, 'progress', 'percent') ?? 0;
          if (typeof percent === 'number') {
            check(percent >= seen, 'progress that never goes back', { seen, percent });
            seen = percent;
          }
          return at(body, 'status') === 'done';
        },
        60_000,
      );
      const counts = ['registered', 'unchanged', 'failed'].map((name) => at(body, name));
      check(counts.join() === `${lines - 3},0,3` && seen === 100, `${lines - 3} registered and 3 failed`, body);
      const report = await download(operator, path, 'reportUrl');
      const named = report
        .trim()
        .split('\n')
        .map((line): unknown => JSON.parse(line));
      const told = named.map((line) => `${at(line, 'line')} ${at(line, 'code')}`).join(', ');
      const expected = '21 invalid-line, 41 unknown-brand, 51 vin-twice';
      check(told === expected, expected, report);
    },
  },
  {
    title: 'The same file again changes nothing, and what was brought in can be taken out',
    async run({ operator }) {
      const started = await operator.post('/v1/imports', { format: 'csv' });
      const path = `/v1/imports/${at(started.body, 'importId')}`;
      await upload(String(at(started.body, 'uploadUrl')), productionFile());
      const { body } = await eventually(
        'an import that is done',
        () => operator.get(path),
        ({ body }) => at(body, 'status') === 'done',
        60_000,
      );
      check(at(body, 'registered') === 0 && at(body, 'unchanged') === lines - 3, 'nothing new', body);
      const { model } = production(0);
      const order = { format: 'csv', model, withVin: true, reason: 'Tour' };
      const asked = await operator.post('/v1/exports', order);
      check(asked.status === 202, 'an export', asked);
      const text = await download(operator, `/v1/exports/${at(asked.body, 'exportId')}`, 'downloadUrl');
      const vins = new Set(text.match(/\bWVWZ[A-Z0-9]{13}\b/g));
      check(vins.size === lines - 3 && vins.has(production(58).vin), `${lines - 3} vehicles`, text.slice(0, 300));
    },
  },
];
