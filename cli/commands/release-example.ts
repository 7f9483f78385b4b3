import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import * as z from 'zod';
import type { Api } from '../api.ts';
import { wrongUse } from '../outcome.ts';
import { contextOf } from './context.ts';

const brand = 'volkswagen';
const slotBytes = 64 * 1024 * 1024;
/** Enough for a download that can be seen, and little enough for a demonstration. */
const imageBytes = 1024 * 1024;

/** What the simulated cars of `npm start` have on board, and in which version they are built. */
const series = ['ID.3', 'e-Golf', 'e-up'];
const units = [
  { ecuId: 'gateway', part: 'gw-2', built: 4 },
  { ecuId: 'infotainment', part: 'ivi-3', built: 7 },
] as const;

const hardware = z.looseObject({ newest: z.object({ releaseCounter: z.number() }).optional() });

/** A release to begin with, so that nobody has to write one before the first campaign. */
export function addExample(releases: Command): void {
  releases
    .command('example')
    .argument('<directory>', 'where release.json and two small images are written')
    .description(
      `an example: for the simulated ${brand} cars of npm start, whose control units are added to the catalogue`,
    )
    .action(async (directory: string, _: object, command: Command) => {
      const { terminal, api, again } = contextOf(command);
      if (existsSync(directory) && readdirSync(directory).length > 0) {
        throw wrongUse(`There is something in ${directory} already; name another directory.`);
      }
      const counters = await catalogued(api());
      mkdirSync(directory, { recursive: true });
      const images = units.map(({ ecuId, part }, place) => {
        const releaseCounter = counters[place] ?? 1;
        const [softwareVersion, file] = [`${releaseCounter}.0.0`, `${ecuId}-${releaseCounter}.img`];
        writeFileSync(join(directory, file), imageOf(`${ecuId} ${softwareVersion}`));
        return { file, ecuId, hardwareIds: series.map((name) => `${name}-${part}`), softwareVersion, releaseCounter };
      });
      const file = join(directory, 'release.json');
      writeFileSync(file, `${JSON.stringify(exampleOf(images), undefined, 2)}\n`);
      const files = images.map((image) => join(directory, image.file));
      terminal.result({ file, images: files }, [
        ...[file, ...files],
        `${units.length * series.length} control units are in the catalogue.`,
      ]);
      terminal.note(`Next: ${again(`release create ${file}`)}`);
    });
}

/** @returns the counter that the next software of each unit may have: an example may be made again and again */
async function catalogued(api: Api): Promise<readonly number[]> {
  return Promise.all(
    units.map(async ({ ecuId, part, built }) => {
      const orders = series.map((name) => ({ brand, hardwareId: `${name}-${part}`, ecuId, slotBytes }));
      const known = await Promise.all(orders.map((order) => api.post('/v1/hardware', order, hardware)));
      return 1 + Math.max(built, ...known.map(({ newest }) => newest?.releaseCounter ?? 0));
    }),
  );
}

/** Bytes that look like software and cannot be packed. */
function imageOf(seed: string): Buffer {
  const block = (place: number) => createHash('sha512').update(`${seed} ${place}`).digest();
  return Buffer.concat(Array.from({ length: imageBytes / 64 }, (_, place) => block(place)));
}

function exampleOf(images: readonly { readonly softwareVersion: string }[]): object {
  return {
    brand,
    softwareVersion: images[0]?.softwareVersion,
    images,
    texts: {
      en: {
        title: 'Plug & Charge',
        notes: 'The car charges without a card, and shows what it costs.',
        unavailable: 'The car cannot be driven meanwhile.',
      },
      fr: {
        title: 'Plug & Charge',
        notes: 'La voiture se recharge sans carte et affiche le prix.',
        unavailable: 'La voiture ne peut pas rouler pendant ce temps.',
      },
    },
    minutes: 5,
    preconditions: [{ kind: 'parked' }],
    approvalRecord: {
      purpose: 'An example',
      criticality: 'function',
      affectedSystems: ['Charging', 'Infotainment'],
      validation: 'None: no car on a road gets it',
      regulations: [],
      skilledPersonNeeded: false,
    },
  };
}
