import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { FiguresService } from '#shared/sharing/field/figures-service.ts';
import { RelocationService } from '#shared/sharing/field/relocation-service.ts';
import { TaskList } from '#shared/sharing/field/task-list.ts';
import { TaskDesk, TaskService } from '#shared/sharing/field/task-service.ts';
import { type ReturnPorts, VehicleReturn } from '#shared/sharing/field/vehicle-return.ts';
import type { CitySnapshots } from '#shared/sharing/search/city-snapshots.ts';
import type { SharingDoor } from '#shared/sharing/setup/acting.ts';
import { DynamoDemandBook } from '../adapters/dynamo/field-demand.ts';
import { DynamoFigureBook } from '../adapters/dynamo/field-figures.ts';
import { DynamoTaskRepository } from '../adapters/dynamo/field-tasks.ts';

export interface FieldParts extends Omit<ReturnPorts, 'tasks'> {
  readonly client: DynamoDBDocumentClient;
  /** The Field table. */
  readonly table: string;
  readonly door: SharingDoor;
  readonly cities: CitySnapshots;
}

/** What the API needs of what is done at shared vehicles, and of how they are used. */
export function fieldServices({ client, table, door, cities, ...parts }: FieldParts) {
  const { clock } = parts;
  const tasks = new DynamoTaskRepository(client, table);
  const [book, demand] = [new DynamoFigureBook(client, table), new DynamoDemandBook(client, table)];
  const taskDesk = new TaskDesk({ tasks, clock });
  const returns = new VehicleReturn({ ...parts, tasks });
  return {
    taskDesk,
    fieldTasks: new TaskService({ tasks, door, returns, clock }),
    taskList: new TaskList({ tasks, door, cities, clock }),
    relocations: new RelocationService({
      ...{ door, cities, book, demand, tasks, desk: taskDesk, clock },
      bookings: parts.bookings,
    }),
    figures: new FiguresService({ door, book, demand, cities, clock }),
  };
}
