import { type Asked, type Verdict, verdictOf } from './statements.ts'
import { all, any } from './tri.ts'
import type { Document, Request } from './types.ts'

/** Services whose resources RCPs can guard. AWS Backup is not among them: only SCPs can. */
export const rcpServices: ReadonlySet<string> = new Set(
  (
    'aoss appconfig appstream autoscaling autoscaling-plans budgets clouddirectory cloudfront cloudsearch cloudtrail-data ' +
    'codeartifact codebuild codecommit codepipeline cognito-identity cognito-idp comprehend comprehendmedical compute-optimizer ' +
    'cost-optimization-hub dax dsql dynamodb ecr ecr-public events firehose fis fms gamelift health inspector-scan kendra ' +
    'kinesisvideo kms logs memorydb networkmonitor notifications opensearch pca-connector-ad personalize polly pricing ' +
    'resource-groups rolesanywhere s3 secretsmanager servicediscovery signin sqs sts support swf textract timestream-influxdb ' +
    'transcribe transfer translate wafv2 workspaces xray'
  ).split(' '),
)

/**
 * SCPs bind the principals of member accounts, root too; neither the management account nor service-linked roles nor services.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
 */
export function scpVerdict(asked: Asked): Verdict | undefined {
  const { principal, scps, organization } = asked.request
  const exempt = principal.kind === 'service_linked_role' || principal.kind === 'service'
  if (!scps || exempt || isManagement(principal.account, organization)) return undefined
  return levels(scps, asked)
}

/**
 * RCPs bind the resources of member accounts, whoever asks but service-linked roles; not keys that AWS manages, and not
 * `kms:RetireGrant`.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
 */
export function rcpVerdict(asked: Asked): Verdict | undefined {
  const { principal, resource, rcps, action, organization } = asked.request
  if (!rcps || principal.kind === 'service_linked_role' || resource.awsManaged) return undefined
  if (isManagement(resource.account, organization)) return undefined
  if (!rcpServices.has(serviceOf(action)) || action.toLowerCase() === 'kms:retiregrant')
    return undefined
  return levels(rcps, asked)
}

/**
 * Every level from the root to the account must allow, and none may deny.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
 */
function levels(documents: readonly Document[][], asked: Asked): Verdict {
  const verdicts = documents.map((level) => verdictOf(level, asked))
  return {
    allow: all(verdicts, ({ allow }) => allow),
    deny: any(verdicts, ({ deny }) => deny),
    allows: verdicts.flatMap(({ allows }) => allows),
    denies: verdicts.flatMap(({ denies }) => denies),
  }
}

function isManagement(account: string | undefined, organization: Request['organization']): boolean {
  return account !== undefined && account === organization?.managementAccount
}

/** The prefix of an action: its service. */
export function serviceOf(action: string): string {
  return action.slice(0, action.indexOf(':')).toLowerCase()
}
