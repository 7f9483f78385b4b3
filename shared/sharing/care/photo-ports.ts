import type { CareId } from './care-id.ts';
import type { FoundPhoto, Photo } from './photo.ts';

/** Where a client sends a file, and what it has to send with it, to the letter. */
export interface UploadAddress {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Files of photos, each under its folder, its album and its id. */
export interface PhotoStore {
  /** Takes this length, this type and these bytes alone. @param seconds that it is good for, at most */
  address(file: PhotoFile, photo: Photo, seconds: number): Promise<UploadAddress>;
  find(file: PhotoFile): Promise<FoundPhoto | undefined>;
  link(file: PhotoFile, photo: Photo, seconds: number): Promise<string>;
  remove(files: readonly PhotoFile[]): Promise<void>;
  /** Into another folder, beside the former; what is not there is there already, or gone. */
  copy(file: PhotoFile, folder: PhotoFile['folder']): Promise<void>;
}

export interface PhotoFile {
  readonly folder: Photo['folder'];
  readonly albumId: string;
  readonly photoId: CareId<'photo'>;
}

export function fileOf(albumId: string, { folder, photoId }: Photo): PhotoFile {
  return { folder, albumId, photoId };
}
