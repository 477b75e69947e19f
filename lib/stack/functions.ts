import { Duration, RemovalPolicy, Size, Stack } from 'aws-cdk-lib'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import {
  ApplicationLogLevel,
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { ENVIRONMENT } from '../pipeline/environment.ts'
import { hubTables } from '../securityhub/store.ts'
import type { Bundles } from './bundle.ts'
import type { Catalog } from './catalog.ts'
import type { Lake } from './lake.ts'
import { SIZES, SPOOL_GIB } from './sizes.ts'
import { STEPS, type Step } from './steps.ts'

export interface FunctionsProps {
  readonly lake: Lake
  readonly catalog: Catalog
  readonly bundles: Bundles
  /** Prefix of the names of functions and roles. */
  readonly name: string
  /** Accounts that are read at once. */
  readonly workers: number
  readonly organizationId: string
  /** Name of the role that is assumed in every account. */
  readonly memberRole: string
  /** Name of the role that imports findings in every account. */
  readonly publisherRole: string
  /** What is asked for the whole organization, by the role of the step itself. */
  readonly organizationActions: readonly string[]
}

/** A function and a role of its own for each step, which may do what the step does. */
export class Functions extends Construct {
  readonly byStep: Record<Step, LambdaFunction>
  /** Where invocations end that nobody waits for. */
  readonly deadLetters: Queue
  readonly #props: FunctionsProps

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id)
    this.#props = props
    this.deadLetters = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    })
    this.byStep = Object.fromEntries(
      STEPS.map((step) => [step, this.#function(step)]),
    ) as typeof this.byStep
    this.#grant()
  }

  /** ARN of a step's role as the member roles trust it: a name, so that neither needs the other to exist. */
  static roleName(name: string, step: Step): string {
    return `${name}-${step}`
  }

  #function(step: Step): LambdaFunction {
    const { lake, catalog, bundles, name, workers } = this.#props
    const { memory, minutes, copies = workers } = SIZES[step]
    const role = new Role(this, `${step}-role`, {
      roleName: Functions.roleName(name, step),
      description: `Step ${step} of Strongroom`,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    })
    const functionName = `${name}-${step}`
    const logGroup = new LogGroup(this, `${step}-log`, {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: RetentionDays.SIX_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    logGroup.grantWrite(role)
    return new LambdaFunction(this, step, {
      functionName,
      description: `Step ${step} of Strongroom`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(bundles.folder),
      handler: `lambdas/${step}/index.handler`,
      role,
      memorySize: memory,
      timeout: Duration.minutes(minutes),
      ephemeralStorageSize: Size.gibibytes(step === 'collect' ? SPOOL_GIB : 2),
      reservedConcurrentExecutions: copies,
      tracing: Tracing.ACTIVE,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel.INFO,
      systemLogLevelV2: SystemLogLevel.WARN,
      deadLetterQueue: this.deadLetters,
      environment: {
        [ENVIRONMENT.lake]: lake.url,
        [ENVIRONMENT.database]: catalog.name,
        [ENVIRONMENT.workgroup]: catalog.name,
      },
    })
  }

  #grant(): void {
    const { lake, catalog, memberRole, publisherRole, organizationActions } = this.#props
    const { discover, collect, reconcile, derive, compact, report, publish, fail } = this.byStep
    const render = this.byStep['render-queries']
    for (const step of Object.values(this.byStep)) lake.grantRead(step, 'runs/')
    // None of these actions knows resources.
    discover.addToRolePolicy(
      new PolicyStatement({
        actions: ['organizations:DescribeOrganization', 'organizations:ListAccounts'],
        resources: ['*'],
      }),
    )
    discover.addToRolePolicy(
      new PolicyStatement({ actions: ['ec2:DescribeRegions'], resources: ['*'] }),
    )
    collect.addToRolePolicy(this.#enter(memberRole))
    // By the first it asks whether a hub is on, by the second it imports.
    publish.addToRolePolicy(this.#enter(memberRole, publisherRole))
    // What is asked of the organization is asked about the whole of it.
    collect.addToRolePolicy(
      new PolicyStatement({ actions: [...organizationActions], resources: ['*'] }),
    )
    lake.grantRead(collect, 'evidence/')
    lake.grantRead(derive, 'staging/')
    lake.grantRead(report, 'reports/latest.json', 'inventory/', 'findings/', 'scores/')
    lake.grantRead(render, 'inventory/carried_evidence/')
    lake.grantWrite(discover, 'runs/')
    lake.grantWrite(collect, 'runs/', 'staging/', 'evidence/')
    lake.grantWrite(reconcile, 'runs/')
    lake.grantWrite(derive, 'runs/', 'staging/')
    lake.grantWrite(compact, 'runs/', 'staging/')
    lake.grantWrite(render, 'runs/')
    lake.grantWrite(report, 'reports/')
    lake.grantWrite(fail, 'reports/')
    catalog.grantQuery(render, 'carried_evidence')
    catalog.grantQuery(report, '*')
    const hubs = Object.keys(hubTables)
    const hubFolders = hubs.map((table) => `${table}/`)
    lake.grantRead(publish, 'inventory/', 'findings/', 'scores/', 'reports/', ...hubFolders)
    lake.grantWrite(publish, 'reports/')
    lake.grantUnload(publish, ...hubFolders)
    catalog.grantQuery(publish, '*')
    catalog.grantCount(publish)
    catalog.grantRegister(publish, ...hubs)
  }

  #enter(...roles: string[]): PolicyStatement {
    const { partition } = Stack.of(this)
    return new PolicyStatement({
      actions: ['sts:AssumeRole'],
      resources: roles.map((role) => `arn:${partition}:iam::*:role/${role}`),
      conditions: { StringEquals: { 'aws:ResourceOrgID': this.#props.organizationId } },
    })
  }
}
