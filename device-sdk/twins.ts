import * as z from 'zod/mini';
import { reasonOf } from './host.ts';
import type { JsonObject } from './json-object.ts';
import { type DesiredHandler, Twin, type TwinParts } from './twin.ts';

/** Handles the wishes of whichever twin. */
export type AnyTwinHandler = (name: string, desired: JsonObject) => ReturnType<DesiredHandler>;

const document = 'twins';
const namesSchema = z.array(z.string());

/** All twins of one vehicle. */
export class Twins {
  private readonly parts: TwinParts;
  private readonly twins = new Map<string, Twin>();
  private anyHandler: AnyTwinHandler | undefined;
  private online = false;

  constructor(parts: TwinParts) {
    this.parts = parts;
    parts.requests.onTakenBack = (name, names) => this.twins.get(name)?.takenBack(names);
    parts.requests.onDelta = (name, view) => this.handled(name)?.receive(view);
  }

  twin(name: string): Twin {
    const known = this.twins.get(name);
    if (known !== undefined) return known;
    if (!/^[$a-zA-Z0-9:_-]{1,64}$/.test(name)) throw new RangeError(`'${name}' cannot be the name of a twin`);
    const twin = new Twin(name, this.parts);
    this.twins.set(name, twin);
    if (this.online) void this.catchUp(twin);
    return twin;
  }

  onAny(handler: AnyTwinHandler): void {
    this.anyHandler = handler;
    for (const name of this.remembered()) this.handled(name);
  }

  connected(): void {
    this.online = true;
    for (const twin of this.twins.values()) void this.catchUp(twin);
  }

  disconnected(): void {
    this.online = false;
    for (const twin of this.twins.values()) twin.disconnected();
  }

  /** The vehicle is at home elsewhere. */
  moved(): void {
    for (const twin of this.twins.values()) twin.moved();
  }

  /** The twin of this name, where anybody on board handles it. */
  private handled(name: string): Twin | undefined {
    const known = this.twins.get(name);
    const { anyHandler } = this;
    if (known !== undefined || anyHandler === undefined) return known;
    const twin = this.twin(name).onDesired((desired) => anyHandler(name, desired));
    // Later, because the disk takes longer than the wish should.
    this.parts.host.after(0, () => this.remember(name));
    return twin;
  }

  private async catchUp(twin: Twin): Promise<void> {
    try {
      await twin.connected();
    } catch (error) {
      // What belongs to one connection ends with it; that is no error.
      if (this.online) this.parts.log(reasonOf(error));
    }
  }

  private remembered(): string[] {
    return namesSchema.safeParse(this.parts.storage.read(document)).data ?? [];
  }

  private remember(name: string): void {
    const names = this.remembered();
    try {
      if (!names.includes(name)) this.parts.storage.write(document, [...names, name]);
    } catch (error) {
      this.parts.log(`twin ${name} is not remembered: ${reasonOf(error)}`);
    }
  }
}
