import { AwsError } from '#local/aws-error.ts';
import { escapeXml } from './answer.ts';
import type { AwsService } from './service.ts';

/** Just enough of STS for `aws sts get-caller-identity`, the first thing that an operator types. */
export function stsService(accountId: string): AwsService {
  return {
    names: ['sts'],
    understand(request) {
      const action = new URLSearchParams(request.body.toString('utf8')).get('Action') ?? request.query.get('Action');
      if (action !== 'GetCallerIdentity') {
        throw new AwsError('InvalidAction', 400, `The local STS knows GetCallerIdentity, not "${action}".`);
      }
      return {
        name: action,
        permissions: [], // AWS lets every caller ask who it is.
        run() {
          const { arn } = request.principal;
          const userId = arn.slice(arn.lastIndexOf('/') + 1);
          const result = `<Arn>${escapeXml(arn)}</Arn><UserId>${escapeXml(userId)}</UserId><Account>${accountId}</Account>`;
          return {
            status: 200,
            headers: { 'content-type': 'text/xml' },
            body:
              '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">' +
              `<GetCallerIdentityResult>${result}</GetCallerIdentityResult>` +
              `<ResponseMetadata><RequestId>${request.requestId}</RequestId></ResponseMetadata>` +
              '</GetCallerIdentityResponse>',
          };
        },
      };
    },
  };
}
