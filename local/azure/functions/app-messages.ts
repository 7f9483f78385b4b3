/** What the host tells the thread in which the app runs. Bytes go as they are: messages are cloned. */
export interface AppStart {
  /** With `package.json`, which names the file to load. */
  readonly directory: string;
}

export type AppInput =
  | {
      readonly kind: 'events';
      readonly bodies: readonly Uint8Array[];
      /** By the names that the host's extension gives them. */
      readonly metadata: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'http'; readonly url: string; readonly body: string };

export interface AppCall {
  readonly invocationId: string;
  readonly functionName: string;
  /** ms by which the local cloud's time is ahead of this machine's. */
  readonly ahead: number;
  readonly input: AppInput;
}

/** The local cloud's time was moved, perhaps while a call is under way. */
export type AppClock = Pick<AppCall, 'ahead'>;

export interface RegisteredFunction {
  readonly name: string;
  readonly trigger: string;
  /** Without one the host does not run an event a second time. In seconds. */
  readonly retry: { readonly most: number; readonly minimum: number; readonly maximum: number } | undefined;
}

export interface AppAnswer {
  /** Of an HTTP trigger. */
  readonly http: { readonly status: number; readonly body: string } | undefined;
  /** What goes to output bindings, by the queue: texts of messages. */
  readonly queues: Readonly<Record<string, readonly string[]>>;
}

export type AppReport =
  | { readonly kind: 'loaded'; readonly functions: readonly RegisteredFunction[] }
  | { readonly kind: 'answer'; readonly invocationId: string; readonly answer: AppAnswer }
  | { readonly kind: 'failure'; readonly invocationId: string; readonly message: string }
  | { readonly kind: 'log'; readonly level: string; readonly message: string };
