import type { Clock } from '#shared/kernel/clock.ts';
import type { Photo } from '#shared/sharing/care/photo.ts';
import type { PhotoFile, PhotoStore } from '#shared/sharing/care/photo-ports.ts';

/** A store of files that whoever has an address puts there at once. */
export class MemoryPhotoStore implements PhotoStore {
  readonly files = new Map<string, { readonly bytes: Uint8Array; readonly at: number; readonly sha256: string }>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What a driver sends to the address of the order. */
  put(url: string, bytes: Uint8Array, sha256: string): void {
    this.files.set(url.replace('https://photos.example/', ''), { bytes, at: this.#clock.now(), sha256 });
  }

  async address(file: PhotoFile, { contentType }: Photo) {
    return { url: `https://photos.example/${keyOf(file)}`, headers: { 'content-type': contentType } };
  }

  async find(file: PhotoFile) {
    const found = this.files.get(keyOf(file));
    if (found === undefined) return undefined;
    const { bytes, at, sha256 } = found;
    return { bytes: bytes.length, sha256, arrivedAt: at, head: bytes.subarray(0, 32) };
  }

  async link(file: PhotoFile) {
    return `https://photos.example/${keyOf(file)}?signed`;
  }

  async remove(files: readonly PhotoFile[]): Promise<void> {
    for (const file of files) this.files.delete(keyOf(file));
  }

  async copy(file: PhotoFile, folder: PhotoFile['folder']): Promise<void> {
    const found = this.files.get(keyOf(file));
    if (found !== undefined) this.files.set(keyOf({ ...file, folder }), found);
  }
}

function keyOf({ folder, albumId, photoId }: PhotoFile): string {
  return `${folder}/${albumId}/${photoId}`;
}
