import { ReplyService } from '#shared/commands/reply-service.ts';
import { DynamoCommandRepository } from '../adapters/dynamo/commands.ts';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { setting } from '../environment.ts';

export function wireReplies(): ReplyService {
  return new ReplyService(new DynamoCommandRepository(documentClient(), setting('COMMANDS_TABLE')));
}
