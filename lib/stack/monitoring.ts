import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events'
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets'
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Key } from 'aws-cdk-lib/aws-kms'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { METRICS, NAMESPACE } from '../pipeline/environment.ts'
import type { Functions } from './functions.ts'
import { EVENTS, type Pipeline } from './pipeline.ts'

export interface MonitoringProps {
  readonly name: string
  readonly pipeline: Pipeline
  readonly functions: Functions
  /** Queues that ought to be empty. */
  readonly deadLetters: readonly Queue[]
  readonly emails: readonly string[]
  readonly coverageThreshold: number
  readonly scoreDropThreshold: number
  readonly overdueHours: number
}

interface AlarmOptions {
  metric: IMetric
  threshold: number
  comparison?: ComparisonOperator
  periods?: number
  /** What silence means; by default that all is well. */
  missing?: TreatMissingData
}

const DAY = Duration.days(1)

/** What goes wrong is told: alarms, each with a heading in `docs/operate.md`, a dashboard, and the summary by mail. */
export class Monitoring extends Construct {
  readonly topic: Topic
  readonly #name: string

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id)
    this.#name = props.name
    const key = new Key(this, 'Key', {
      description: 'Encrypts what Strongroom tells of its runs',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    this.topic = new Topic(this, 'Topic', {
      displayName: 'Strongroom',
      masterKey: key,
      enforceSSL: true,
    })
    // CloudWatch and EventBridge publish to an encrypted topic only where its key lets them.
    key.addToResourcePolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        principals: ['cloudwatch', 'events'].map(
          (service) => new ServicePrincipal(`${service}.amazonaws.com`),
        ),
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': this.topic.env.account } },
      }),
    )
    for (const email of props.emails) this.topic.addSubscription(new EmailSubscription(email))
    new Rule(this, 'Completed', {
      description: 'Tells what an audit found',
      eventPattern: { source: [EVENTS.source], detailType: [EVENTS.completed, EVENTS.failed] },
      targets: [new SnsTopic(this.topic, { message: RuleTargetInput.fromEventPath('$.detail') })],
    })
    this.#alarms(props)
    this.#dashboard(props)
  }

  #alarms(props: MonitoringProps): void {
    const machine = props.pipeline.stateMachine
    this.#alarm('run-failed', {
      metric: new MathExpression({
        expression: 'failed + aborted + timedout',
        usingMetrics: {
          failed: machine.metricFailed({ statistic: Stats.SUM }),
          aborted: machine.metricAborted({ statistic: Stats.SUM }),
          timedout: machine.metricTimedOut({ statistic: Stats.SUM }),
        },
        period: Duration.minutes(5),
      }),
      threshold: 1,
    })
    this.#alarm('run-overdue', {
      metric: machine.metricSucceeded({ statistic: Stats.SUM, period: Duration.hours(1) }),
      threshold: 1,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      periods: props.overdueHours,
      missing: TreatMissingData.BREACHING,
    })
    this.#alarm('coverage-low', {
      metric: own(METRICS.coverage, Stats.MINIMUM),
      threshold: props.coverageThreshold,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
    })
    this.#alarm('score-fell', {
      metric: own(METRICS.scoreDrop, Stats.MAXIMUM),
      threshold: props.scoreDropThreshold,
      comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
    })
    this.#alarm('workers-throttled', {
      metric: props.functions.byStep.collect.metricThrottles({ period: Duration.minutes(5) }),
      threshold: 50,
      periods: 3,
    })
    this.#alarm('publication-failed', {
      metric: props.functions.byStep.publish.metricErrors({
        statistic: Stats.SUM,
        period: Duration.minutes(5),
      }),
      threshold: 1,
    })
    this.#alarm('dead-letters', {
      metric: new MathExpression({
        expression: props.deadLetters.map((_, index) => `m${index}`).join(' + '),
        usingMetrics: Object.fromEntries(
          props.deadLetters.map((queue, index) => [
            `m${index}`,
            queue.metricApproximateNumberOfMessagesVisible(),
          ]),
        ),
        period: Duration.minutes(5),
      }),
      threshold: 1,
    })
  }

  #alarm(id: string, options: AlarmOptions): void {
    const { metric, threshold, periods = 1 } = options
    new Alarm(this, id, {
      alarmName: `${this.#name}-${id}`,
      alarmDescription: `What to do: docs/operate.md#${id}`,
      metric,
      threshold,
      evaluationPeriods: periods,
      comparisonOperator:
        options.comparison ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: options.missing ?? TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(new SnsAction(this.topic))
  }

  #dashboard({ name, pipeline, functions }: MonitoringProps): void {
    const machine = pipeline.stateMachine
    const { collect } = functions.byStep
    const graph = (title: string, left: IMetric[]) => new GraphWidget({ title, left, width: 12 })
    new Dashboard(this, 'Dashboard', {
      dashboardName: name,
      defaultInterval: Duration.days(30),
      widgets: [
        [
          graph('Score and coverage', [own(METRICS.score), own(METRICS.coverage)]),
          graph('Findings', [own(METRICS.failed), own(METRICS.unknown)]),
        ],
        [
          graph('Runs', [
            machine.metricSucceeded(),
            machine.metricFailed(),
            machine.metricTimedOut(),
          ]),
          graph('Throttled calls of AWS', [own(METRICS.throttles)]),
        ],
        [
          graph('Workers', [
            collect.metricInvocations(),
            collect.metricErrors(),
            collect.metricThrottles(),
          ]),
          graph('Security Hub', [own(METRICS.published), own(METRICS.unpublished)]),
        ],
        [graph('A worker’s time', [collect.metricDuration({ statistic: Stats.MAXIMUM })])],
      ],
    })
  }
}

function own(metricName: string, statistic: string = Stats.AVERAGE): Metric {
  return new Metric({ namespace: NAMESPACE, metricName, statistic, period: DAY })
}
