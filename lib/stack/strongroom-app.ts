import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { App, Tags, Validations } from 'aws-cdk-lib'
import type { Collector } from '../collectors/collector.ts'
import type { Config } from '../config/schema.ts'
import { REGION_ACTIONS } from '../discover.ts'
import { stagedObjects } from '../pipeline/stage-run.ts'
import { ownVersion } from '../plan.ts'
import { lakeTables, loadSources } from '../sources.ts'
import { UsageError } from '../usage-error.ts'
import { AuditStack, LakeStack } from './audit-stack.ts'
import { type Bundles, bundleLambdas } from './bundle.ts'
import { Functions } from './functions.ts'
import { type MemberRolesProps, memberRolesTemplate } from './member-roles.ts'
import { Checks } from './nag.ts'
import { namedQueries } from './named-queries.ts'
import type { Step } from './steps.ts'

export interface StrongroomApp {
  app: App
  bundles: Bundles
  lake: LakeStack
  audit: AuditStack
  checks: Checks
}

/** The file beside the stacks' templates: the roles for the management account, which no StackSet reaches. */
export const MANAGEMENT_TEMPLATE = 'strongroom-management-roles.template.json'

/**
 * Everything that is deployed, from one configuration file.
 * @throws UsageError where the configuration says nothing of a deployment
 */
export async function strongroomApp(
  config: Config,
  { outdir, bundles: made }: { outdir: string; bundles?: Bundles },
): Promise<StrongroomApp> {
  const { deployment } = config
  if (!deployment) {
    throw new UsageError(
      'the configuration has no deployment; docs/deploy.md says what belongs there',
    )
  }
  const folder = join(outdir, 'lambdas')
  mkdirSync(folder, { recursive: true })
  const sources = await loadSources()
  const tables = lakeTables(sources)
  const bundles = made ?? (await bundleLambdas(config, folder))
  const app = new App({
    outdir,
    analyticsReporting: false,
    context: { '@aws-cdk/aws-stepfunctions:useDistributedMapResultWriterV2': true, ...FLAGS },
  })
  const checks = new Checks(app)
  Validations.of(app).addPlugins(checks)
  const env = { account: deployment.account, region: deployment.region }
  const lake = new LakeStack(app, `${deployment.name}-lake`, {
    env,
    deployment,
    tables,
    stagedOnly: { staged_objects: stagedObjects },
    queries: await namedQueries(tables),
  })
  const actionsOf = (asked: (scope: Collector['scope']) => boolean) =>
    [...sources.collectors.values()]
      .filter(({ scope }) => asked(scope))
      .flatMap((collector) => collector.actions)
      .sort()
  const actions = actionsOf((scope) => scope !== 'organization')
  const roleOf = (step: Step) =>
    `arn:*:iam::${deployment.account}:role/${Functions.roleName(deployment.name, step)}`
  const memberRoles: MemberRolesProps = {
    auditAccount: deployment.account,
    organizationId: deployment.organization_id,
    externalId: config.external_id,
    auditorName: config.role_name,
    publisherName: config.publisher_role_name,
    auditors: [
      roleOf('collect'),
      // Whether a hub is on, the auditor sees; the publisher's role can import and nothing else.
      roleOf('publish'),
      ...deployment.assumable_by,
    ],
    publishers: [roleOf('publish')],
    actions: [...new Set([...REGION_ACTIONS, ...actions])].sort(),
    version: await ownVersion(),
  }
  const audit = new AuditStack(app, deployment.name, {
    env,
    deployment,
    lake: lake.lake,
    catalog: lake.catalog,
    bundles,
    memberRoles,
    organizationActions: [...new Set(actionsOf((scope) => scope === 'organization'))],
  })
  const template = JSON.stringify(memberRolesTemplate(memberRoles), undefined, 2)
  writeFileSync(join(outdir, MANAGEMENT_TEMPLATE), `${template}\n`)
  Tags.of(app).add('application', 'strongroom')
  for (const [key, value] of Object.entries(deployment.tags)) Tags.of(app).add(key, value)
  return { app, bundles, lake, audit, checks }
}

/** Behaviour of the CDK that a new application has. */
const FLAGS = {
  '@aws-cdk/core:enablePartitionLiterals': true,
  '@aws-cdk/aws-iam:minimizePolicies': true,
  '@aws-cdk/aws-s3:createDefaultLoggingPolicy': true,
  '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
  '@aws-cdk/aws-sns-subscriptions:restrictSqsDescryption': true,
  '@aws-cdk/core:target-partitions': ['aws', 'aws-us-gov', 'aws-cn'],
}
