import { z } from 'zod';
import { AwsError } from '#local/aws-error.ts';
import { tokenAlgorithms, type WebIdentityTokens, type WebIdentityWish } from '#local/sts/web-identity-tokens.ts';
import { escapeXml } from './answer.ts';
import type { AwsOperation, AwsRequest, AwsResponse, AwsService } from './service.ts';

export interface StsOptions {
  readonly accountId: string;
  readonly tokens: WebIdentityTokens;
  tagsOf(roleArn: string): Readonly<Record<string, string>>;
}

/**
 * Just enough of STS for `aws sts get-caller-identity`, the first thing that an operator types, and for roles that
 * prove themselves to another cloud.
 */
export function stsService(options: StsOptions): AwsService {
  return {
    names: ['sts'],
    understand(request) {
      const form = new URLSearchParams(request.body.toString('utf8'));
      const action = form.get('Action') ?? request.query.get('Action');
      if (action === 'GetCallerIdentity') return callerIdentity(request, options);
      if (action === 'GetWebIdentityToken') return webIdentityToken(request, form, options);
      const message = `The local STS knows GetCallerIdentity and GetWebIdentityToken, not "${action}".`;
      throw new AwsError('InvalidAction', 400, message);
    },
  };
}

function callerIdentity({ principal, requestId }: AwsRequest, { accountId }: StsOptions): AwsOperation {
  return {
    name: 'GetCallerIdentity',
    permissions: [], // AWS lets every caller ask who it is.
    run() {
      const { arn } = principal;
      const userId = arn.slice(arn.lastIndexOf('/') + 1);
      const result = { Arn: arn, UserId: userId, Account: accountId };
      return answer('GetCallerIdentity', result, requestId);
    },
  };
}

const wishSchema = z.object({
  audience: z.array(z.string().min(1).max(1000)).min(1).max(10),
  algorithm: z.enum(tokenAlgorithms),
  seconds: z.coerce.number().int().min(60).max(3600),
  tags: z.array(z.object({ key: z.string().min(1).max(128), value: z.string().max(256) })).max(50),
});

function webIdentityToken(
  { principal, requestId }: AwsRequest,
  form: URLSearchParams,
  { tokens, tagsOf }: StsOptions,
): AwsOperation {
  const parsed = wishSchema.safeParse({
    audience: members(form, 'Audience'),
    algorithm: form.get('SigningAlgorithm') ?? undefined,
    seconds: form.get('DurationSeconds') ?? 300,
    tags: members(form, 'Tags', '.Key').map((key, at) => ({
      key,
      value: form.get(`Tags.member.${at + 1}.Value`) ?? '',
    })),
  });
  if (!parsed.success) throw new AwsError('ValidationError', 400, z.prettifyError(parsed.error));
  const { audience, algorithm, seconds, tags } = parsed.data;
  const wish: WebIdentityWish = {
    ...{ subject: principal.arn, audience, algorithm, seconds },
    requestTags: Object.fromEntries(tags.map(({ key, value }) => [key, value])),
    principalTags: principal.kind === 'role' ? tagsOf(principal.arn) : {},
  };
  const context = {
    'sts:IdentityTokenAudience': audience,
    'sts:SigningAlgorithm': algorithm,
    'sts:DurationSeconds': String(seconds),
    ...Object.fromEntries(tags.map(({ key, value }) => [`aws:RequestTag/${key}`, value])),
  };
  return {
    name: 'GetWebIdentityToken',
    permissions: [{ action: 'sts:GetWebIdentityToken', resource: '*', context }],
    async run() {
      const { token, expires } = await tokens.issue(wish);
      const result = { Expiration: new Date(expires * 1000).toISOString(), WebIdentityToken: token };
      return answer('GetWebIdentityToken', result, requestId);
    },
  };
}

/** The query protocol writes lists as `Audience.member.1`, `Audience.member.2` … */
function members(form: URLSearchParams, name: string, member = ''): readonly string[] {
  const values: string[] = [];
  for (;;) {
    const value = form.get(`${name}.member.${values.length + 1}${member}`);
    if (value === null) return values;
    values.push(value);
  }
}

function answer(name: string, result: Readonly<Record<string, string>>, requestId: string): AwsResponse {
  const members = Object.entries(result).map(([member, value]) => `<${member}>${escapeXml(value)}</${member}>`);
  return {
    status: 200,
    headers: { 'content-type': 'text/xml' },
    body:
      `<${name}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">` +
      `<${name}Result>${members.join('')}</${name}Result>` +
      `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>` +
      `</${name}Response>`,
  };
}
