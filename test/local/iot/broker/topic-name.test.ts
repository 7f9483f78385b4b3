import { expect, test } from 'vitest';
import { faultOfTopic } from '#local/iot/broker/topic-name.ts';

const longest = 'ä'.repeat(128);
const deepest = '1/2/3/4/5/6/7/8';

test.each(['', '$aws/rules/fleetloom_dev_telemetry/'])(
  'after "%s", 256 bytes and seven slashes are allowed',
  (prefix) => {
    expect(faultOfTopic(prefix + longest)).toBeUndefined();
    expect(faultOfTopic(prefix + deepest)).toBeUndefined();
    expect(faultOfTopic(`${prefix + longest}x`)).toBe('more than 256 bytes');
    expect(faultOfTopic(`${prefix + deepest}/9`)).toBe('more than 7 slashes');
  },
);
