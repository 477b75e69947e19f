import type { Account } from '@aws-sdk/client-organizations'
import { oddNames } from './odd-names.ts'

const production = 'ou-ab12-prodwork'
const payments = 'ou-ab12-payments'
const sandboxes = 'ou-ab12-sandboxes'

/** A plan as a backup policy writes it; what is left out of it is inherited, or missing. */
const wholePlan = {
  regions: { '@@assign': ['us-east-1', 'eu-west-1'] },
  rules: {
    nightly: {
      schedule_expression: { '@@assign': 'cron(0 4 ? * * *)' },
      target_backup_vault_name: { '@@assign': 'workload' },
      lifecycle: { delete_after_days: { '@@assign': '35' } },
    },
  },
  selections: {
    tags: {
      production: {
        iam_role_arn: {
          '@@assign': 'arn:aws:iam::$account:role/service-role/AWSBackupDefaultServiceRole',
        },
        tag_key: { '@@assign': 'stage' },
        tag_value: { '@@assign': ['prod'] },
      },
    },
  },
}

/**
 * The story's backup policies: one that is whole, one below it that changes where it holds, one that deploys nothing since it says not
 * what to back up, and one that is attached nowhere.
 */
export function backupPolicies(): { name: string; plans: object; target: string[] }[] {
  const { regions, rules } = wholePlan
  const moved = { regions: { '@@append': ['eu-central-1'], '@@remove': ['us-east-1'] } }
  return [
    { name: 'production-backups', plans: { production: wholePlan }, target: [production] },
    { name: 'payments-elsewhere', plans: { production: moved }, target: [payments] },
    { name: 'sandbox-backups', plans: { sandbox: { regions, rules } }, target: [sandboxes] },
    { name: oddNames[0], plans: {}, target: [] },
  ]
}

/** Regions that the story's backup policies deploy plans to in an account. */
export function backupPolicyRegions({ Paths = [] }: Account): string[] {
  const above = Paths.flatMap((path) => path.split('/'))
  if (above.includes(payments)) return ['eu-west-1', 'eu-central-1']
  return above.includes(production) ? ['us-east-1', 'eu-west-1'] : []
}
