import * as z from 'zod/mini';
import { type AttackName, attackNames } from '#shared/ota/uptane/attack.ts';
import type { Storage } from '../../storage.ts';

const document = 'uptane-attack';
const schema = z.enum(attackNames);

/** The attack that was refused last, until a version report has told it: also over a restart. */
export class AttackMemory {
  private readonly storage: Storage;

  constructor(storage: Storage) {
    this.storage = storage;
  }

  remember(attack: AttackName): void {
    this.storage.write(document, attack);
  }

  last(): AttackName | undefined {
    return schema.safeParse(this.storage.read(document)).data;
  }

  /** The Director has answered the manifest that told of it. */
  told(): void {
    this.storage.remove(document);
  }
}
