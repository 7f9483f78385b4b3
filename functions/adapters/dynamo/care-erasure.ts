import { DeleteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { PersonId } from '#shared/access/person.ts';
import type { CareErasure } from '#shared/erasure/care-step.ts';
import { untilSaved } from '#shared/kernel/optimistic.ts';
import type { CareRecord } from '#shared/sharing/care/care-book.ts';
import { withoutReporter } from '#shared/sharing/care/damage.ts';
import { withoutDirtReporter } from '#shared/sharing/care/dirt.ts';
import { withoutLoser } from '#shared/sharing/care/lost-item.ts';
import { fileOf, type PhotoStore } from '#shared/sharing/care/photo-ports.ts';
import { type CareItemKind, careKeys, careKinds, DynamoCareBook, type KeptKind } from './care-book.ts';
import { keptCare } from './care-item.ts';
import { everything, Partition } from './partition.ts';

/** Stands for the person's id, which has none of it. */
const somebody = '~';

export class DynamoCareErasure implements CareErasure {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #store: Pick<PhotoStore, 'remove'>;

  constructor(client: DynamoDBDocumentClient, table: string, store: Pick<PhotoStore, 'remove'>) {
    this.#client = client;
    this.#table = table;
    this.#store = store;
  }

  /** Keys stand in the task meanwhile, and name nobody: an album of a licence is named by whose it is. */
  async recordsOf(personId: PersonId, after: string | undefined, limit: number) {
    const theirs = new Partition(this.#client, this.#table, careKeys.list({ of: 'person', personId }));
    const { keys, next } = await theirs.keys(everything, after?.replace(somebody, personId), limit);
    const hidden = (key: string) => key.replace(personId, somebody);
    return { keys: keys.map(hidden), ...(next !== undefined && { next: hidden(next) }) };
  }

  async forget(personId: PersonId, hidden: string): Promise<void> {
    const key = hidden.replace(somebody, personId);
    const [kind, id] = partsOf(key);
    switch (kind) {
      case 'damage':
        await this.#changed(keptCare.damages, id, withoutReporter);
        break;
      case 'dirt':
        await this.#changed(keptCare.dirt, id, withoutDirtReporter);
        break;
      case 'item':
        await this.#changed(keptCare.items, id, withoutLoser);
        break;
      case 'album':
        await this.#forgetPhotos(id);
        break;
      case 'expense':
        await this.#remove(keptCare.expenses, id);
        break;
      case 'opening':
        await this.#remove(keptCare.openings, id);
        break;
      case 'card':
        break;
    }
    // Its record may have been gone before.
    const Key = { pk: careKeys.list({ of: 'person', personId }), sk: key };
    await this.#client.send(new DeleteCommand({ TableName: this.#table, Key }));
  }

  /** The files first: without the record nobody finds them. */
  async #forgetPhotos(id: string): Promise<void> {
    const album = await this.#book(keptCare.albums).load(id);
    if (album === undefined) return;
    await this.#store.remove(album.photos.map((photo) => fileOf(id, photo)));
    await this.#remove(keptCare.albums, id);
  }

  /** With every line that names it. */
  async #remove<T extends CareRecord>(kept: KeptKind<T>, id: string): Promise<void> {
    const record = await this.#book(kept).load(id);
    if (record === undefined) return;
    const lines = kept.lists(record).map((list) => careKeys.line(list, kept.kind, id));
    const TableName = this.#table;
    // The record last: by it the lines are found.
    for (const Key of [...lines, careKeys.record(kept.kind, id)]) {
      await this.#client.send(new DeleteCommand({ TableName, Key }));
    }
  }

  async #changed<T extends CareRecord>(kept: KeptKind<T>, id: string, forget: (record: T) => T): Promise<void> {
    const book = this.#book(kept);
    await untilSaved(async () => {
      const seen = await book.load(id);
      const next = seen === undefined ? undefined : forget(seen);
      return next === undefined || next === seen || (await book.save(next, seen)) || undefined;
    });
  }

  #book<T extends CareRecord>(kept: KeptKind<T>): DynamoCareBook<T> {
    return new DynamoCareBook(this.#client, this.#table, kept);
  }
}

function partsOf(key: string): readonly [CareItemKind | undefined, string] {
  const at = key.indexOf('#');
  return [careKinds.find((kind) => kind === key.slice(0, at)), key.slice(at + 1)];
}
