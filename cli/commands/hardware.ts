import type { Command } from 'commander';
import * as z from 'zod';
import { readable } from '../progress.ts';
import { contextOf } from './context.ts';
import { positive } from './numbers.ts';

const hardware = z.object({ brand: z.string(), hardwareId: z.string(), ecuId: z.string(), slotBytes: z.number() });
const page = z.object({ items: z.array(hardware), nextCursor: z.string().optional() });

export function addHardware(program: Command): void {
  const catalogue = program
    .command('hardware')
    .description('The catalogue of control units that software is released for');
  catalogue
    .command('add')
    .argument('<hardwareId>', 'part number, as vehicles report it')
    .requiredOption('--brand <brand>')
    .requiredOption('--ecu <ecuId>', 'where in a vehicle it sits: gateway, engine …')
    .requiredOption('--slot-bytes <n>', 'what one of its slots holds', positive)
    .description('add one; adding it again changes nothing')
    .action(
      async (hardwareId: string, options: { brand: string; ecu: string; slotBytes: number }, command: Command) => {
        const { terminal, api } = contextOf(command);
        const { brand, ecu: ecuId, slotBytes } = options;
        const added = await api().post('/v1/hardware', { brand, hardwareId, ecuId, slotBytes }, hardware);
        terminal.result(added, [`${hardwareId} (${ecuId}) holds ${readable(slotBytes)}`]);
      },
    );
  catalogue
    .command('list')
    .requiredOption('--brand <brand>')
    .description('all of a brand')
    .action(async ({ brand }: { brand: string }, command: Command) => {
      const { terminal, api } = contextOf(command);
      const client = api();
      const items: z.infer<typeof hardware>[] = [];
      for (let cursor: string | undefined = ''; cursor !== undefined; ) {
        const more: string = cursor === '' ? '' : `&cursor=${cursor}`;
        const read: z.infer<typeof page> = await client.get(`/v1/hardware?brand=${brand}&limit=100${more}`, page);
        items.push(...read.items);
        cursor = read.nextCursor;
      }
      terminal.result(
        { items },
        items.map(({ hardwareId, ecuId, slotBytes }) => `${hardwareId}  ${ecuId}  ${readable(slotBytes)}`),
      );
    });
}
