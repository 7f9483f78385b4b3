import type { Page, PageRequest } from '#shared/kernel/paging.ts';
import type { EvidenceFile, EvidenceFiles } from '#shared/ota/evidence/evidence-archive.ts';
import type { EvidenceStore } from '#shared/ota/evidence/evidence-store.ts';

/** Evidence in memory, as the bucket keeps it: by name, and once. */
export class MemoryEvidence implements EvidenceStore, EvidenceFiles {
  readonly documents = new Map<string, string>();

  async add(name: string, document: string): Promise<boolean> {
    if (this.documents.has(name)) return false;
    this.documents.set(name, document);
    return true;
  }

  async find(name: string): Promise<string | undefined> {
    return this.documents.get(name);
  }

  async list(folder: string, { limit, from = '' }: PageRequest): Promise<Page<EvidenceFile>> {
    const names = [...this.documents.keys()].filter((name) => name.startsWith(folder) && name > from).sort();
    const items = names.slice(0, limit).map((name) => {
      return { name, bytes: this.documents.get(name)?.length ?? 0, keptAt: 0 };
    });
    const last = items.at(-1)?.name;
    return { items, ...(names.length > limit && last !== undefined && { next: last }) };
  }

  async link(name: string): Promise<string> {
    return `https://storage.example/${name}`;
  }
}
