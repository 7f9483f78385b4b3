import { Argument, InvalidArgumentError } from 'commander';
import { isCampaignId } from '#shared/ota/campaigns/campaign-id.ts';
import { isReleaseId } from '#shared/ota/releases/release.ts';

/** Which campaign; what cannot be one is not asked for. */
export function campaignIdArgument(): Argument {
  return new Argument('<campaignId>', 'cmp-…, as `fleetloom campaign list` has it').argParser((text) => {
    if (isCampaignId(text)) return text;
    throw new InvalidArgumentError('It is no id of a campaign (cmp-…); `fleetloom campaign list` has them.');
  });
}

export function releaseIdArgument(): Argument {
  return new Argument('<releaseId>', 'rel-…, as `fleetloom release list` has it').argParser((text) => {
    if (isReleaseId(text)) return text;
    throw new InvalidArgumentError('It is no id of a release (rel-…); `fleetloom release list` has them.');
  });
}
