/**
 * Makes `shared/telemetry/vss-catalogue.json` from a release file of the COVESA Vehicle Signal
 * Specification: path, datatype, unit, bounds, allowed values and pattern of each leaf. Facts only; the
 * descriptions stay where they are.
 *
 * @example npx tsx scripts/vss-catalogue.ts ../shared/data/vss/vss_release_6.0.json
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';

const leafSchema = z.object({
  type: z.enum(['sensor', 'actuator', 'attribute']),
  datatype: z.string(),
  unit: z.optional(z.string()),
  min: z.optional(z.number()),
  max: z.optional(z.number()),
  allowed: z.optional(z.array(z.string())),
  pattern: z.optional(z.string()),
});
const branchSchema = z.object({ type: z.literal('branch'), children: z.record(z.string(), z.unknown()) });
const releaseSchema = z.record(z.string(), z.unknown());

type Shape = (string | number | null | string[])[];
type Tree = { [name: string]: Tree | number };

/**
 * Equal facts (`uint8, percent, 0 … 100`) are said once and named by their number, which makes the
 * catalogue a third of its plain size.
 */
export function compactCatalogue(release: unknown): { shapes: Shape[]; tree: Tree } {
  const numbers = new Map<string, number>();
  const shapes: Shape[] = [];
  const compact = (nodes: Record<string, unknown>): Tree =>
    Object.fromEntries(
      Object.entries(nodes).map(([name, node]) => {
        const branch = branchSchema.safeParse(node);
        return [name, branch.success ? compact(branch.data.children) : shapeNumber(leafSchema.parse(node))];
      }),
    );
  const shapeNumber = (leaf: z.infer<typeof leafSchema>): number => {
    const shape = trimmed([leaf.datatype, leaf.unit, leaf.min, leaf.max, leaf.allowed, leaf.pattern]);
    const key = JSON.stringify(shape);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, shapes.length);
    return shapes.push(shape) - 1;
  };
  const tree = compact(releaseSchema.parse(release));
  return { shapes, tree };
}

function trimmed(facts: (string | number | string[] | undefined)[]): Shape {
  const last = facts.findLastIndex((fact) => fact !== undefined);
  return facts.slice(0, last + 1).map((fact) => fact ?? null);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const source = process.argv[2];
  if (source === undefined) throw new Error('usage: npx tsx scripts/vss-catalogue.ts <vss release file>');
  const target = fileURLToPath(new URL('../shared/telemetry/vss-catalogue.json', import.meta.url));
  const text = `${JSON.stringify(compactCatalogue(JSON.parse(readFileSync(source, 'utf8'))))}\n`;
  writeFileSync(target, text);
  process.stdout.write(`${target}: ${Buffer.byteLength(text)} bytes\n`);
}
