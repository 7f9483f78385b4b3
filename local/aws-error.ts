/** An error in the form that AWS SDKs understand: the name becomes `err.name`. */
export class AwsError extends Error {
  readonly status: number;
  /** Members beside `message` in the JSON body, e.g. `resourceId`. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(name: string, status: number, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = name;
    this.status = status;
    this.details = details;
  }
}
