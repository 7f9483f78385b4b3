import { createHash } from 'node:crypto';
import { type FaultWish, hops, meaningful } from '#local/faults/fault-rule.ts';
import { matcher } from '#local/faults/planned-faults.ts';
import { type Chapter, chapters } from '#local/tour/story.ts';

/** One chapter of the story under one kind of fault at one hop, or under some that break nothing by themselves. */
export interface Cell {
  readonly name: string;
  readonly number: number;
  readonly chapter: Chapter;
  readonly faults: readonly FaultWish[];
}

type Kind = FaultWish['kind'];
type HopName = (typeof hops)[number];

/** `FAULT_SEED` chooses which messages are disturbed and which cells are told; printed where one fails. */
export const faultSeed = Number(process.env['FAULT_SEED'] ?? 20_261_122);
/** `FAULT_CELLS=<pattern>`: with `*` for any text, and commas between several, the cells by name. Then every cell is told that has such a name. */
const pattern = process.env['FAULT_CELLS'];
/** `FAULT_MATRIX=all`: every cell; `FAULT_MATRIX=3/12`: of twelve shares the third. */
const part = process.env['FAULT_MATRIX'] ?? (pattern === undefined ? 'sample' : 'all');

/** From 0 to below 2^32, the same for the same words and base seed. */
function seedOf(words: string): number {
  return createHash('sha256').update(`${faultSeed}/${words}`).digest().readUInt32BE();
}

/** Kinds that strike before the effect, in the midst of it, or after it. */
const moments: { readonly [kind in Kind]?: readonly ('before' | 'after' | 'after-effect')[] } = {
  cut: ['before', 'after'],
  hang: ['before', 'after'],
  crash: ['before', 'after-effect', 'after'],
};

/** By the chapters named: nothing is downloaded in the others, and their vehicles are never at home elsewhere. */
const visited: Readonly<Record<'cdn' | 'hub', ReadonlySet<string>>> = {
  cdn: new Set(['updates']),
  hub: new Set(['homes']),
};
/** Hops that nothing of a chapter comes through: no vehicle is in it, and what is only read goes no further. */
const passedBy: Readonly<Record<string, readonly HopName[]>> = {
  transfers: ['mqtt', 'rule'],
  webhooks: ['mqtt', 'rule'],
  quotas: ['mqtt', 'rule', 'stream', 'queue', 'event'],
};

/** Every chapter × every kind × every hop where it means something × every moment at which it may strike. */
function allCells(): readonly Cell[] {
  const faults = Object.entries(meaningful).flatMap(([kind, places]) =>
    hops
      .filter((hop) => places.includes(hop))
      .flatMap((hop) => (moments[kind as Kind] ?? [undefined]).map((when) => ({ kind: kind as Kind, hop, when }))),
  );
  return chapters
    .flatMap((chapter) => faults.map((fault) => ({ chapter, ...fault })))
    .filter(({ chapter, hop }) =>
      hop === 'cdn' || hop === 'hub' ? visited[hop].has(chapter.name) : !passedBy[chapter.name]?.includes(hop),
    )
    .map(({ chapter, kind, hop, when }, number) => {
      const name = `${chapter.name}: ${kind} ${when === undefined ? '' : `${when} `}at ${hop}`;
      return { name, number, chapter, faults: [rule(kind, hop, when, seedOf(name))] };
    });
}

/** Moderate: whoever tries again a few times gets through. */
function rule(kind: Kind, hop: HopName, when: string | undefined, seed: number): FaultWish {
  const some = { hop, seed, probability: 0.3 };
  // A rule tries three times, and everybody else more often.
  const times = hop === 'rule' || hop === 'queue' ? 2 : 3;
  switch (kind) {
    case 'duplicate':
      return { kind, ...some, probability: 0.6 };
    case 'delay':
      return { kind, ...some, milliseconds: 60 };
    case 'reorder':
      return { kind, ...some, milliseconds: 200 };
    case 'fail':
      return {
        ...{ kind, ...some, error: errors[seed % errors.length] ?? 'InternalServerError' },
        times,
      };
    case 'throttle':
      return { kind, hop, seed, rate: 5, times: 4 };
    case 'cut':
      return { kind, ...some, times: 2, when: when === 'after' ? 'after' : 'before' };
    case 'hang':
      return { kind, ...some, times: 1, when: when === 'after' ? 'after' : 'before' };
    case 'crash':
      return {
        kind,
        ...some,
        times: 2,
        calls: 1 + (seed % 3),
        when: when === 'before' || when === 'after' ? when : 'after-effect',
      };
    case 'drop':
    case 'conflict':
    case 'partial':
    case 'corrupt':
      return { kind, ...some, times };
  }
}

/** Names that AWS answers with when it is not well, with their statuses. */
const errors = [
  'InternalServerError',
  'ServiceUnavailable',
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
];

/** Those that this run tells: without a word from outside, a sample. */
export function toldCells(): readonly Cell[] {
  const share = /^(?<number>\d+)\/(?<of>\d+)$/.exec(part)?.groups;
  if (part !== 'sample' && part !== 'all' && share === undefined)
    throw new Error(`FAULT_MATRIX is "all", "sample" or a share such as "3/12", and not "${part}"`);
  const patterns = (pattern ?? '*').split(',').map(matcher);
  const cells = (part === 'sample' ? sample(allCells()) : allCells()).filter(({ name }) =>
    patterns.some((isNamed) => isNamed(name)),
  );
  if (share === undefined) return cells;
  return cells.filter((_, index) => index % Number(share['of']) === Number(share['number']) - 1);
}

/** Somebody waits for an edge or a hub that says nothing, or not yet: each would take as long as several others. */
const tooLongForASample: ReadonlySet<string> = new Set([
  ...['hang before at hub', 'hang after at hub', 'throttle at hub'],
  ...['hang before at cdn', 'hang after at cdn', 'throttle at cdn', 'drop at cdn'],
]);

/** Of the kinds × hops two fifths, in which each kind and each hop is; those that break nothing told together. */
function sample(cells: readonly Cell[]): readonly Cell[] {
  const drawn = cells
    .filter((cell) => !tooLongForASample.has(faultOf(cell)))
    .sort((one, other) => seedOf(`draw ${one.name}`) - seedOf(`draw ${other.name}`));
  const chosen: Cell[] = [];
  const told = (cell: Cell) =>
    chosen.filter((other) => other.chapter === cell.chapter && isGentle(other) === isGentle(cell)).length;
  // Each chapter under something that breaks before one is under two; those that break nothing in fours.
  const turn = (cell: Cell) => (isGentle(cell) && told(cell) % 4 !== 0 ? -1 : told(cell));
  const at = (place: string) => drawn.filter((cell) => placeOf(cell) === place);
  // What one chapter alone comes by first, so that it is not drawn for another place before.
  const places = someOf([...new Set(drawn.map(placeOf))]).toSorted((one, other) => at(one).length - at(other).length);
  for (const place of places) {
    const [cell] = at(place).sort((one, other) => turn(one) - turn(other));
    if (cell !== undefined) chosen.push(cell);
  }
  const inOrder = cells.filter((cell) => chosen.includes(cell));
  return [...inOrder.filter((cell) => !isGentle(cell)), ...together(inOrder.filter(isGentle))];
}

/** First those with a kind or a hop that no earlier one has, then as many as make two fifths. */
function someOf(places: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  const isNews = (place: string) => {
    const fresh = place.split(' at ').filter((word) => !seen.has(word));
    for (const word of fresh) seen.add(word);
    return fresh.length > 0;
  };
  const news = places.filter(isNews);
  const others = places.filter((place) => !news.includes(place));
  return [...news, ...others.slice(0, Math.max(0, Math.ceil((2 * places.length) / 5) - news.length))];
}

/** They lengthen and disorder, and break nothing: a chapter bears several of them in one telling. */
const gentle: ReadonlySet<Kind> = new Set(['duplicate', 'delay', 'reorder']);

function isGentle({ faults }: Cell): boolean {
  return faults.every(({ kind }) => gentle.has(kind));
}

function placeOf({ faults }: Cell): string {
  return faults.map(({ kind, hop }) => `${kind} at ${hop}`).join();
}

function faultOf({ name }: Cell): string {
  return name.replace(/^.*?: /, '');
}

/** One cell a chapter. */
function together(cells: readonly Cell[]): readonly Cell[] {
  return chapters.flatMap((chapter) => {
    const its = cells.filter((cell) => cell.chapter === chapter);
    const [first] = its;
    if (first === undefined) return [];
    const name = `${chapter.name}: ${its.map(faultOf).join(' with ')}`;
    return [{ ...first, name, faults: its.flatMap(({ faults }) => faults) }];
  });
}

/** What a cell may keep from the story: the documents say so, and so does AWS. */
const lossy: Readonly<Record<string, string>> = {
  'drop at mqtt': 'a message whose PUBACK is missing waits 15 s for another attempt; a delivery of QoS 0 is gone',
  'throttle at mqtt': 'deliveries above the rate are left out',
  'drop at rule': 'the action never runs, and nobody is told',
};

/** Why the story may be told otherwise here; the books must be right all the same. */
export function mayLose({ faults }: Cell): string | undefined {
  return faults.map(({ kind, hop }) => lossy[`${kind} at ${hop}`]).find((reason) => reason !== undefined);
}
