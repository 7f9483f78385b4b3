import { awsIotDialect } from '#device-sdk/dialects/aws-iot.ts';
import { MemoryHub } from '#device-sdk/transports/memory.ts';
import { ruleNames, vehicleTopics } from '#shared/vehicle-cloud/topics.ts';

const name = 'other-iot';

/** Another device cloud in memory, which nobody answers in. */
export function secondHub(): MemoryHub {
  const hub = new MemoryHub();
  hub.dialect = { ...awsIotDialect, name };
  return hub;
}

/** What sends the vehicle there, as its first move. */
export function noticeOf(vehicleId: string) {
  const topics = { ...vehicleTopics(vehicleId, ruleNames('test')) };
  return { name: 'elsewhere', epoch: 1, dialect: name, endpoint: 'elsewhere.test', topics };
}
