import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { TransportFault } from './api/input.ts';
import { failureOf, type ProblemReply, problemContentType, problemOf, transportProblem } from './api/problems.ts';
import { logger, metrics } from './observability.ts';

export interface Content {
  readonly status: number;
  readonly content: object;
}

/** The answer of the work, or the problem that it came to (RFC 9457). */
export async function answered(
  requestId: string,
  work: () => Promise<Content>,
): Promise<APIGatewayProxyStructuredResultV2> {
  try {
    const { status, content } = await work();
    return {
      statusCode: status,
      headers: { 'content-type': 'application/json', 'x-request-id': requestId },
      body: JSON.stringify(content),
    };
  } catch (error) {
    const { problem, headers } = problemFor(error, requestId);
    if (problem.status >= 500) {
      metrics.addMetric('PostsFailed', 'Count', 1);
      logger.error('post failed', { error: error instanceof Error ? error : String(error) });
    } else logger.info('post not taken', { status: problem.status, type: problem.type, errors: problem.errors });
    return {
      statusCode: problem.status,
      headers: { ...headers, 'content-type': problemContentType, 'x-request-id': requestId },
      body: JSON.stringify(problem),
    };
  }
}

function problemFor(error: unknown, requestId: string): ProblemReply {
  if (error instanceof TransportFault) return transportProblem(error.problem, requestId);
  const failure = failureOf(error);
  return failure === undefined ? transportProblem('unexpected', requestId) : problemOf(failure, requestId);
}
