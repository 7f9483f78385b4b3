/** One statement of an IAM or resource policy, as CloudFormation writes it. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Principal?: unknown;
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | boolean | number | readonly string[]>>>
  >;
}

export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: Statement | readonly Statement[];
}

/** Who calls: a role of the template, or the administrator of this local account (allowed everything). */
export type Principal =
  | { readonly kind: 'administrator'; readonly arn: string }
  | { readonly kind: 'role'; readonly arn: string; readonly roleName: string };

/** One permission that a call needs. `context` holds condition keys such as `aws:SourceArn`. */
export interface Permission {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}
