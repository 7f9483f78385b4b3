const width = 30;

/** Bars on a terminal, one a file; a line a file where there is none. */
export class Progress {
  readonly #files: { readonly name: string; readonly bytes: number; sent: number }[] = [];
  readonly #quiet: boolean;
  readonly #begun = performance.now();
  #drawn = 0;
  #next = 0;

  constructor(quiet: boolean) {
    this.#quiet = quiet;
  }

  /** @returns hears how many bytes more were sent */
  file(name: string, bytes: number): (bytes: number) => void {
    const file = { name, bytes, sent: 0 };
    this.#files.push(file);
    return (more) => {
      file.sent += more;
      if (process.stderr.isTTY) this.#draw(file.sent === bytes);
      else if (file.sent === bytes && !this.#quiet) process.stderr.write(`${name}: ${readable(bytes)}\n`);
    };
  }

  end(): void {
    if (process.stderr.isTTY) this.#draw(true);
  }

  #draw(now: boolean): void {
    // Ten pictures a second are enough for eyes.
    if (this.#quiet || (!now && performance.now() < this.#next)) return;
    this.#next = performance.now() + 100;
    const seconds = Math.max(0.001, (performance.now() - this.#begun) / 1000);
    const sent = this.#files.reduce((sum, file) => sum + file.sent, 0);
    const lines = [
      ...this.#files.map(({ name, bytes, sent: its }) => `${bar(its, bytes)} ${name.slice(0, 44)}`),
      `${readable(sent)} at ${readable(sent / seconds)}/s`,
    ];
    const back = this.#drawn === 0 ? '' : `\u001b[${this.#drawn}A`;
    process.stderr.write(`${back}${lines.map((line) => `\u001b[2K${line}\n`).join('')}`);
    this.#drawn = lines.length;
  }
}

export function bar(sent: number, bytes: number): string {
  const part = bytes === 0 ? 1 : sent / bytes;
  const full = Math.floor(part * width);
  return `${'█'.repeat(full)}${'░'.repeat(width - full)} ${String(Math.floor(part * 100)).padStart(3)} %`;
}

export function readable(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit += 1) value /= 1000;
  return `${unit === 0 || value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${units[unit]}`;
}
