import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { EventBus } from 'aws-cdk-lib/aws-events'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import {
  Choice,
  Condition,
  DefinitionBody,
  DistributedMap,
  Fail,
  type IChainable,
  JsonPath,
  LogLevel,
  StateMachine,
  StateMachineType,
  Succeed,
  TaskInput,
  type TaskStateBase,
} from 'aws-cdk-lib/aws-stepfunctions'
import { EventBridgePutEvents, LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks'
import { Construct } from 'constructs'
import type { Catalog } from './catalog.ts'
import type { Functions } from './functions.ts'
import type { Lake } from './lake.ts'
import { linesOf, MapResults } from './lines.ts'
import { queryMap } from './query-map.ts'
import { LAMBDA_RETRY, STEP_RETRY } from './retries.ts'
import type { Step } from './steps.ts'

export interface PipelineProps {
  readonly lake: Lake
  readonly catalog: Catalog
  readonly functions: Functions
  readonly name: string
  /** Accounts that are read at once. */
  readonly workers: number
  /** Whether Security Hub is told. */
  readonly publish: boolean
}

/** What EventBridge is told of a run; rules match on it. */
export const EVENTS = {
  source: 'strongroom',
  completed: 'Strongroom Audit Completed',
  failed: 'Strongroom Audit Failed',
} as const

const LONGEST_RUN = Duration.hours(12)
const PASSES = 3

/** The audit from top to bottom, as Step Functions runs it. */
export class Pipeline extends Construct {
  readonly stateMachine: StateMachine
  readonly #props: PipelineProps

  constructor(scope: Construct, id: string, props: PipelineProps) {
    super(scope, id)
    this.#props = props
    const { name, lake, catalog } = props
    this.stateMachine = new StateMachine(this, 'Machine', {
      stateMachineName: `${name}-audit`,
      comment: 'discover, collect in up to three passes, derive, compact, score, report, publish',
      definitionBody: DefinitionBody.fromChainable(this.#definition()),
      timeout: LONGEST_RUN,
      tracingEnabled: true,
      logs: {
        destination: new LogGroup(this, 'Log', {
          logGroupName: `/aws/vendedlogs/states/${name}-audit`,
          retention: RetentionDays.SIX_MONTHS,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        level: LogLevel.ALL,
        includeExecutionData: false,
      },
    })
    const { role } = this.stateMachine
    // Step Functions reads and writes the Maps' files, and Athena the rest, with the rights of this role.
    lake.grantRead(role, 'runs/', 'map-results/', 'staging/', 'inventory/', 'findings/', 'scores/')
    lake.grantWrite(role, 'map-results/')
    lake.grantUnload(role, 'inventory/', 'findings/', 'scores/')
    catalog.grantQuery(role, '*')
    catalog.grantRegister(role, '*')
    catalog.grantReplaceViews(role)
  }

  #definition(): IChainable {
    const failure = this.#failure()
    const guarded = <S extends TaskStateBase | DistributedMap>(state: S): S => {
      state.addCatch(failure, { errors: ['States.ALL'], resultPath: '$.error' })
      return state
    }
    const { lake, catalog } = this.#props
    const query = (id: string, phase: 'carry' | 'inventory' | 'coverage' | 'findings' | 'scores') =>
      guarded(queryMap(this, id, { lake, catalog, phase }))
    const discover = guarded(
      this.#invoke('Discover', 'discover', {
        'execution.$': '$$.Execution.Id',
        'started_at.$': '$$.Execution.StartTime',
        'input.$': '$',
      }),
    )
    const collect = guarded(this.#collect())
    const reconcile = guarded(this.#invoke('Reconcile', 'reconcile'))
    const compact = guarded(this.#invoke('Compact', 'compact', RUN, JsonPath.DISCARD))
    const derive = guarded(this.#derive())
    derive.next(compact)
    compact
      .next(query('Carry', 'carry'))
      .next(guarded(this.#invoke('Render', 'render-queries', RUN, JsonPath.DISCARD)))
      .next(query('Inventory', 'inventory'))
      .next(query('Coverage', 'coverage'))
      .next(query('Judge', 'findings'))
      .next(query('Score', 'scores'))
      .next(guarded(this.#invoke('Report', 'report', RUN, '$.completed')))
      .next(this.#publish(this.#publishLatest(guarded)))
    const open = new Choice(this, 'Unfinished?')
      .when(
        Condition.and(
          Condition.numberGreaterThan('$.open', 0),
          Condition.numberLessThanEquals('$.pass', PASSES),
        ),
        collect,
      )
      .otherwise(derive)
    return discover.next(
      new Choice(this, 'Begun already?')
        .when(Condition.booleanEquals('$.duplicate', true), new Succeed(this, 'Duplicate'))
        // A Map over a file without a line fails.
        .when(Condition.numberEquals('$.open', 0), compact)
        .otherwise(collect.next(reconcile).next(open)),
    )
  }

  /** One child for each account; the answer of a child that fails is `lost`, and its slices go into the next pass. */
  #collect(): DistributedMap {
    const { lake, workers } = this.#props
    return new DistributedMap(this, 'Collect', {
      label: 'Collect',
      mapExecutionType: StateMachineType.STANDARD,
      maxConcurrency: workers,
      toleratedFailurePercentage: 100,
      itemReader: linesOf(lake, '$.units_key'),
      itemSelector: { 'run_id.$': '$.run_id', 'unit.$': '$$.Map.Item.Value' },
      resultWriterV2: new MapResults(lake),
      resultPath: JsonPath.DISCARD,
    }).itemProcessor(this.#invoke('Collect account', 'collect', undefined, '$', false))
  }

  #derive(): DistributedMap {
    const { lake, workers } = this.#props
    return new DistributedMap(this, 'Derive', {
      label: 'Derive',
      mapExecutionType: StateMachineType.STANDARD,
      maxConcurrency: workers,
      // What is not derived is not covered, and so unknown.
      toleratedFailurePercentage: 100,
      itemReader: linesOf(lake, "States.Format('runs/{}/accounts.jsonl', $.run_id)"),
      itemSelector: {
        'run_id.$': '$.run_id',
        'account_id.$': '$$.Map.Item.Value.account_id',
      },
      resultWriterV2: new MapResults(lake),
      resultPath: JsonPath.DISCARD,
    }).itemProcessor(this.#invoke('Derive account', 'derive', undefined, '$'))
  }

  /** A publication that fails fails no run: an alarm tells of it, and the next one sends what this one left. */
  #publish(afterwards: Choice): IChainable {
    if (!this.#props.publish) return afterwards
    const publish = this.#invoke('Publish', 'publish', RUN, '$.published')
    publish.addCatch(afterwards, { errors: ['States.ALL'], resultPath: '$.unpublished' })
    return publish.next(
      new Choice(this, 'More to publish?')
        .when(Condition.booleanEquals('$.published.more', true), publish)
        .otherwise(afterwards),
    )
  }

  /** The views that name the newest run follow only a run over the whole scope. */
  #publishLatest(guarded: (state: DistributedMap) => DistributedMap): Choice {
    const { lake, catalog } = this.#props
    const announce = this.#announce('Announce', EVENTS.completed, '$.completed')
    const views = guarded(queryMap(this, 'Latest', { lake, catalog, phase: 'latest' }))
    return new Choice(this, 'Whole scope?')
      .when(Condition.booleanEquals('$.scope_complete', true), views.next(announce))
      .otherwise(announce)
  }

  #failure(): IChainable {
    const failed = new Fail(this, 'Failed', { error: 'AuditFailed', causePath: '$.error.Cause' })
    const announce = this.#announce('Announce failure', EVENTS.failed, '$.failure')
    const account = this.#invoke(
      'Account for failure',
      'fail',
      { 'run.$': '$', 'execution.$': '$$.Execution.Id', 'error.$': '$.error' },
      '$.failure',
    )
    // Nothing more can be said then; the alarm on the failed execution still sounds.
    account.addCatch(failed, { errors: ['States.ALL'], resultPath: '$.second' })
    announce.addCatch(failed, { errors: ['States.ALL'], resultPath: '$.second' })
    return account.next(announce).next(failed)
  }

  #announce(id: string, detailType: string, path: string): EventBridgePutEvents {
    const task = new EventBridgePutEvents(this, id, {
      entries: [
        {
          eventBus: EventBus.fromEventBusName(this, `${id} bus`, 'default'),
          source: EVENTS.source,
          detailType,
          detail: TaskInput.fromJsonPathAt(path),
        },
      ],
      resultPath: JsonPath.DISCARD,
    })
    task.addRetry({ maxAttempts: 3, interval: Duration.seconds(5) })
    return task
  }

  #invoke(
    id: string,
    step: Step,
    payload?: Record<string, unknown>,
    resultPath = '$',
    again = true,
  ): LambdaInvoke {
    const lambdaFunction = this.#props.functions.byStep[step]
    const task = new LambdaInvoke(this, id, {
      lambdaFunction,
      // Without a payload of its own the function gets the state's whole input.
      ...(payload ? { payload: TaskInput.fromObject(payload) } : {}),
      payloadResponseOnly: true,
      retryOnServiceExceptions: false,
      resultPath,
    })
    task.addRetry(LAMBDA_RETRY)
    if (again) task.addRetry(STEP_RETRY)
    return task
  }
}

const RUN = { 'run_id.$': '$.run_id' }
