/**
 * Roles that are not an owner's own. A service-linked role is the service's; through the others an organization reaches into its
 * accounts, with real powers.
 */
export type RoleKind =
  | 'service_linked'
  | 'identity_center'
  | 'organization_access'
  | 'control_tower'
  | 'stack_set'
  | 'cdk'
  | 'plain'

const patterns: [RoleKind, RegExp][] = [
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
  ['service_linked', /:role\/aws-service-role\//],
  // https://docs.aws.amazon.com/singlesignon/latest/userguide/using-service-linked-roles.html
  ['identity_center', /:role\/aws-reserved\/sso\.amazonaws\.com\/(.+\/)?AWSReservedSSO_[^/]+$/],
  // https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access-cross-account-role.html
  ['organization_access', /:role\/(.+\/)?OrganizationAccountAccessRole$/],
  // https://docs.aws.amazon.com/controltower/latest/userguide/awscontroltowerexecution.html
  ['control_tower', /:role\/(.+\/)?AWSControlTowerExecution$/],
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-prereqs.html
  ['stack_set', /:role\/(.+\/)?(AWSCloudFormationStackSetExecutionRole|stacksets-exec-[^/]+)$/],
  // https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
  ['cdk', /:role\/(.+\/)?cdk-[^/]+-cfn-exec-role-\d{12}-[^/]+$/],
]

/** What a role is for, by its ARN. The names of all but the first two can be taken by anyone. */
export function roleKind(arn: string): RoleKind {
  return patterns.find(([, pattern]) => pattern.test(arn))?.[0] ?? 'plain'
}
