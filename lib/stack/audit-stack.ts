import { CfnOutput, CfnStackSet, Stack, type StackProps } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import type { Deployment } from '../config/deployment.ts'
import type { Table } from '../lake/table.ts'
import type { Bundles } from './bundle.ts'
import { Catalog } from './catalog.ts'
import { Functions } from './functions.ts'
import { Lake } from './lake.ts'
import { type MemberRolesProps, memberRolesTemplate } from './member-roles.ts'
import { Monitoring } from './monitoring.ts'
import type { NamedQuery } from './named-queries.ts'
import { Pipeline } from './pipeline.ts'
import { AuditSchedule } from './schedule.ts'
import { SecurityHub } from './security-hub.ts'

export interface LakeStackProps extends StackProps {
  readonly deployment: Deployment
  readonly tables: Record<string, Table>
  readonly stagedOnly: Record<string, Table>
  readonly queries: readonly NamedQuery[]
}

/** The data, and who may ask it. It outlives the pipeline. */
export class LakeStack extends Stack {
  readonly lake: Lake
  readonly catalog: Catalog

  constructor(scope: Construct, id: string, props: LakeStackProps) {
    super(scope, id, { description: 'Strongroom: the lake', ...props })
    const { deployment, tables, stagedOnly, queries } = props
    this.lake = new Lake(this, 'Lake', { keep: deployment.keep_lake })
    this.catalog = new Catalog(this, 'Catalog', {
      lake: this.lake,
      name: deployment.name,
      tables,
      stagedOnly,
      queries,
      bytesLimit: deployment.athena_bytes_limit,
    })
    const analyst = this.catalog.analystPolicy()
    new CfnOutput(this, 'LakeUrl', { value: this.lake.url })
    new CfnOutput(this, 'DatabaseName', { value: this.catalog.name })
    new CfnOutput(this, 'AnalystPolicyArn', { value: analyst.managedPolicyArn })
  }
}

export interface AuditStackProps extends StackProps {
  readonly deployment: Deployment
  readonly lake: Lake
  readonly catalog: Catalog
  readonly bundles: Bundles
  readonly memberRoles: MemberRolesProps
  /** What collectors ask for the whole organization. */
  readonly organizationActions: readonly string[]
}

/** The pipeline in the audit account, and the roles in every other one. */
export class AuditStack extends Stack {
  constructor(scope: Construct, id: string, props: AuditStackProps) {
    super(scope, id, { description: 'Strongroom: the pipeline', ...props })
    const { deployment, lake, catalog, bundles, memberRoles, organizationActions } = props
    const { name, workers } = deployment
    const functions = new Functions(this, 'Functions', {
      lake,
      catalog,
      bundles,
      name,
      workers,
      organizationId: deployment.organization_id,
      memberRole: memberRoles.auditorName,
      publisherRole: memberRoles.publisherName,
      organizationActions,
    })
    const pipeline = new Pipeline(this, 'Pipeline', {
      lake,
      catalog,
      functions,
      name,
      workers,
      publish: deployment.security_hub.publish,
    })
    const schedule = new AuditSchedule(this, 'Schedule', {
      stateMachine: pipeline.stateMachine,
      name,
      expression: deployment.schedule,
      timezone: deployment.timezone,
    })
    const monitoring = new Monitoring(this, 'Monitoring', {
      name,
      pipeline,
      functions,
      deadLetters: [functions.deadLetters, schedule.deadLetters],
      emails: deployment.alarm_emails,
      coverageThreshold: deployment.coverage_threshold,
      scoreDropThreshold: deployment.score_drop_threshold,
      overdueHours: deployment.overdue_hours,
    })
    this.#memberRoles(deployment, memberRoles)
    new SecurityHub(this, 'SecurityHub', {
      name,
      insights: deployment.security_hub.insights,
      aggregate: deployment.security_hub.aggregate,
    })
    new CfnOutput(this, 'StateMachineArn', { value: pipeline.stateMachine.stateMachineArn })
    new CfnOutput(this, 'AlarmTopicArn', { value: monitoring.topic.topicArn })
  }

  /** IAM is the same in all Regions, so that one is enough. The management account is no target of a StackSet. */
  #memberRoles({ name, targets, region }: Deployment, memberRoles: MemberRolesProps): void {
    new CfnStackSet(this, 'MemberRoles', {
      stackSetName: `${name}-member-roles`,
      description: 'Roles through which Strongroom reads backups',
      permissionModel: 'SERVICE_MANAGED',
      callAs: 'DELEGATED_ADMIN',
      autoDeployment: { enabled: true, retainStacksOnAccountRemoval: false },
      managedExecution: { Active: true },
      capabilities: ['CAPABILITY_NAMED_IAM'],
      operationPreferences: { failureTolerancePercentage: 10, maxConcurrentPercentage: 25 },
      stackInstancesGroup: [
        { deploymentTargets: { organizationalUnitIds: targets }, regions: [region] },
      ],
      templateBody: JSON.stringify(memberRolesTemplate(memberRoles)),
    })
  }
}
