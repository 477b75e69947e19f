import { Duration, Stack } from 'aws-cdk-lib'
import {
  Choice,
  Condition,
  CustomState,
  DistributedMap,
  Fail,
  JsonPath,
  Pass,
  StateMachineType,
  Wait,
  WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions'
import type { Construct } from 'constructs'
import type { Phase } from '../pipeline/payloads.ts'
import type { Catalog } from './catalog.ts'
import type { Lake } from './lake.ts'
import { linesOf, MapResults } from './lines.ts'

export interface QueryMapProps {
  readonly lake: Lake
  readonly catalog: Catalog
  readonly phase: Phase
}

/** An account may have twenty statements under way where its quota was never raised; people ask questions too. */
const QUERIES_AT_ONCE = 10
const ATTEMPTS = 3
/** Athena ends a query after half an hour; what is queued before counts as well. */
const QUERY_TIMEOUT = Duration.minutes(60)

/**
 * Lets Athena run the statements of a phase, with no Lambda between. A statement that fails is tried again with another folder: a
 * failed one may have left files, and a folder that was registered is whole.
 */
export function queryMap(scope: Construct, id: string, props: QueryMapProps): DistributedMap {
  const { lake, phase } = props
  const map = new DistributedMap(scope, id, {
    label: id,
    mapExecutionType: StateMachineType.STANDARD,
    maxConcurrency: QUERIES_AT_ONCE,
    itemReader: linesOf(lake, `States.Format('runs/{}/queries-${phase}.jsonl', $.run_id)`),
    itemSelector: { 'query.$': '$$.Map.Item.Value', attempt: { number: 0 } },
    resultWriterV2: new MapResults(lake),
    resultPath: JsonPath.DISCARD,
  })
  return map.itemProcessor(attempts(map, props))
}

function attempts(scope: Construct, { catalog, phase }: QueryMapProps) {
  const begin = new Pass(scope, `Attempt ${phase}`, {
    parameters: {
      'id.$': 'States.UUID()',
      'number.$': 'States.MathAdd($.attempt.number, 1)',
      // Statements that were refused together do not come back together.
      'wait.$': 'States.MathRandom(5, 30)',
    },
    resultPath: '$.attempt',
  })
  const failed = new Fail(scope, `Give up ${phase}`, {
    error: 'QueryFailed',
    causePath: '$.error.Cause',
  })
  const again = new Choice(scope, `Try ${phase} again?`)
    .when(
      Condition.numberLessThan('$.attempt.number', ATTEMPTS),
      new Wait(scope, `Wait for ${phase}`, { time: WaitTime.secondsPath('$.attempt.wait') }).next(
        begin,
      ),
    )
    .otherwise(failed)
  const statement = (id: string, query: string) =>
    new CustomState(scope, id, { stateJson: athena(scope, catalog, query) }).addCatch(again, {
      errors: ['States.ALL'],
      resultPath: '$.error',
    })
  if (phase === 'latest') return begin.next(statement(`Run ${phase}`, '$.query.sql'))
  return begin
    .next(statement(`Unload ${phase}`, ofAttempt('unload')))
    .next(statement(`Register ${phase}`, ofAttempt('register')))
}

/** A statement of the query, with this attempt's folder in it. */
function ofAttempt(name: 'unload' | 'register'): string {
  return `States.Format('{}{}{}', $.query.${name}.before, $.attempt.id, $.query.${name}.after)`
}

/** CDK's own task would be allowed every bucket and every table. */
function athena(scope: Construct, { name }: Catalog, query: string): object {
  return {
    Type: 'Task',
    Resource: `arn:${Stack.of(scope).partition}:states:::athena:startQueryExecution.sync`,
    TimeoutSeconds: QUERY_TIMEOUT.toSeconds(),
    Parameters: {
      'QueryString.$': query,
      WorkGroup: name,
      QueryExecutionContext: { Database: name },
    },
    ResultPath: null,
  }
}
