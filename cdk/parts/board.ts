import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { AlarmStatusWidget, Dashboard, GraphWidget, type IMetric, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { named } from '../names.ts';
import { fiveMinutes } from './alarms.ts';
import type { House } from './house.ts';
import type { HouseFunction } from './house-function.ts';

export interface BoardProps {
  readonly house: House;
  /** What comes after the stage in its name, and in its headline. */
  readonly name: string;
  /** The door that its stack holds. */
  readonly http?: HttpApi;
  readonly functions: readonly HouseFunction[];
}

/** The dashboard of a stack: what is wrong on top, then the door, then the functions. */
export class Board extends Construct {
  constructor(scope: Construct, id: string, { house, name, http, functions: every }: BoardProps) {
    super(scope, id);
    new Dashboard(this, 'Dashboard', {
      dashboardName: named(house.settings.stage, name),
      widgets: [
        [new TextWidget({ width: 24, height: 2, markdown: headline(house, name) })],
        [new AlarmStatusWidget({ title: 'Alarms', width: 24, alarms: [...house.alarms.all] })],
        ...(http === undefined ? [] : [door(http)]),
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

function door(http: HttpApi): GraphWidget[] {
  return [
    graph('API requests', [http.metricCount({ period: fiveMinutes })]),
    graph('API answers 4xx, 5xx', [
      http.metricClientError({ period: fiveMinutes }),
      http.metricServerError({ period: fiveMinutes }),
    ]),
    graph('API latency', [
      http.metricLatency({ period: fiveMinutes, statistic: 'p50' }),
      http.metricLatency({ period: fiveMinutes, statistic: 'p99' }),
    ]),
  ];
}

function graph(title: string, metrics: readonly IMetric[]): GraphWidget {
  return new GraphWidget({ title, width: 8, left: [...metrics] });
}

function headline({ settings }: House, name: string): string {
  const brands = settings.brands.map((brand) => brand.name).join(', ');
  return `**Fleetloom ${settings.stage}**, ${name}, in ${settings.region}, for ${brands}`;
}
