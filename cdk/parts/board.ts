import { AlarmStatusWidget, Dashboard, GraphWidget, type IMetric, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Api } from '../capabilities/api.ts';
import { named } from '../names.ts';
import { fiveMinutes } from './alarms.ts';
import type { House } from './house.ts';
import type { HouseFunction } from './house-function.ts';

export interface BoardProps {
  readonly house: House;
  readonly api: Api;
  readonly functions: readonly HouseFunction[];
}

/** The one dashboard: what is wrong on top, then the door, then the functions. */
export class Board extends Construct {
  constructor(scope: Construct, id: string, { house, api, functions }: BoardProps) {
    super(scope, id);
    const every = [api.function, ...functions];
    new Dashboard(this, 'Dashboard', {
      dashboardName: named(house.settings.stage, 'overview'),
      widgets: [
        [new TextWidget({ width: 24, height: 2, markdown: headline(house) })],
        [new AlarmStatusWidget({ title: 'Alarms', width: 24, alarms: [...house.alarms.all] })],
        [
          graph('API requests', [api.http.metricCount({ period: fiveMinutes })]),
          graph('API answers 4xx, 5xx', [
            api.http.metricClientError({ period: fiveMinutes }),
            api.http.metricServerError({ period: fiveMinutes }),
          ]),
          graph('API latency', [
            api.http.metricLatency({ period: fiveMinutes, statistic: 'p50' }),
            api.http.metricLatency({ period: fiveMinutes, statistic: 'p99' }),
          ]),
        ],
        [
          graph(
            'Invocations',
            every.map((fn) => fn.metricInvocations({ period: fiveMinutes })),
          ),
          graph(
            'Errors',
            every.map((fn) => fn.metricErrors({ period: fiveMinutes })),
          ),
          graph(
            'Duration p99',
            every.map((fn) => fn.metricDuration({ period: fiveMinutes, statistic: 'p99' })),
          ),
        ],
      ],
    });
  }
}

function graph(title: string, metrics: readonly IMetric[]): GraphWidget {
  return new GraphWidget({ title, width: 8, left: [...metrics] });
}

function headline({ settings }: House): string {
  const brands = settings.brands.map(({ name }) => name).join(', ');
  return `**Fleetloom ${settings.stage}** in ${settings.region}, for ${brands}`;
}
