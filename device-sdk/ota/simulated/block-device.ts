/** What a simulated control unit keeps its memory on. Without power no call ever ends. */
export interface BlockDevice {
  readonly sectorBytes: number;
  /** Zeros where nothing was written. */
  read(sector: number): Promise<Uint8Array>;
  /** A whole sector. It lasts once `sync` has resolved; until then it may be lost, torn, or overtake others. */
  write(sector: number, bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
}
