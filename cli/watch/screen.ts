const hidden = '\u001b[?25l';
const visible = '\u001b[?25h';

/** A picture that is drawn again in its own place, and leaves the last one behind. */
export class Screen {
  readonly #out: NodeJS.WriteStream;
  #drawn = 0;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
    out.write(hidden);
  }

  /** @returns rows that there are */
  get rows(): number {
    return this.#out.rows;
  }

  draw(lines: readonly string[]): void {
    const width = this.#out.columns;
    // What is wider than the terminal would take two rows, and the picture would climb.
    const fitting = lines.slice(0, Math.max(1, this.rows - 1)).map((line) => line.slice(0, width));
    const back = this.#drawn === 0 ? '' : `\u001b[${this.#drawn}A`;
    this.#out.write(`${back}${fitting.map((line) => `\u001b[2K${line}\n`).join('')}\u001b[0J`);
    this.#drawn = fitting.length;
  }

  close(): void {
    this.#out.write(visible);
  }
}
