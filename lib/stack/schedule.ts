import { Duration, TimeZone } from 'aws-cdk-lib'
import {
  ContextAttribute,
  Schedule,
  ScheduleExpression,
  ScheduleTargetInput,
  TimeWindow,
} from 'aws-cdk-lib/aws-scheduler'
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions'
import { Construct } from 'constructs'

export interface AuditScheduleProps {
  readonly stateMachine: StateMachine
  readonly name: string
  /** `cron(…)` or `rate(…)`. */
  readonly expression: string
  readonly timezone: string
}

/**
 * Starts an audit on time. It may be delivered twice; the time it was to fire at names the run, and the first step refuses the
 * second.
 */
export class AuditSchedule extends Construct {
  /** Starts that failed. */
  readonly deadLetters: Queue

  constructor(scope: Construct, id: string, props: AuditScheduleProps) {
    super(scope, id)
    this.deadLetters = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    })
    new Schedule(this, 'Schedule', {
      scheduleName: `${props.name}-audit`,
      description: 'Starts an audit of the whole scope',
      schedule: ScheduleExpression.expression(props.expression, TimeZone.of(props.timezone)),
      timeWindow: TimeWindow.off(),
      target: new StepFunctionsStartExecution(props.stateMachine, {
        input: ScheduleTargetInput.fromObject({ scheduled_time: ContextAttribute.scheduledTime }),
        // By default it would try 185 times within a day, and an audit of yesterday helps nobody.
        retryAttempts: 3,
        maxEventAge: Duration.hours(1),
        deadLetterQueue: this.deadLetters,
      }),
    })
  }
}
