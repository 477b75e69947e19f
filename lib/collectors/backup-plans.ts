import {
  BackupClient,
  GetBackupPlanCommand,
  GetBackupSelectionCommand,
  ListBackupPlansCommand,
  ListBackupSelectionsCommand,
  ListProtectedResourcesCommand,
} from '@aws-sdk/client-backup'
import type { Cell } from '../collect/cell.ts'
import { absentIf } from '../collect/failed-call.ts'
import { told } from '../collect/told.ts'
import { bigint, boolean, defineTable, string, timestamp } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { parseArn } from './normalize.ts'

const tables = {
  backup_plans: defineTable('Backup plans, one row each.', {
    arn: string('ARN of the plan.'),
    plan_id: string('Id of the plan.'),
    name: string('Name of the plan.'),
    version_id: string('Version that is in force.'),
    created_at: timestamp('When the plan was created.'),
    last_executed_at: timestamp('When the plan last ran.'),
  }),
  backup_plan_rules: defineTable('Rules of backup plans, one row each.', {
    plan_arn: string('ARN of the plan.'),
    plan_id: string('Id of the plan.'),
    rule_id: string('Id of the rule.'),
    rule_name: string('Name of the rule.'),
    target_vault_name: string('Vault that receives the backups.'),
    target_air_gapped_vault_arn: string('Logically air-gapped vault that receives them directly.'),
    schedule_expression: string('Schedule; none: AWS Backup’s default, cron(0 5 ? * * *).'),
    schedule_timezone: string('Time zone of the schedule.'),
    delete_after_days: bigint('Retention in days; none: kept for ever.'),
    move_to_cold_storage_after_days: bigint('Days until backups move to cold storage.'),
    continuous_backup: boolean('Whether the rule makes continuous backups.'),
  }),
  backup_plan_copy_actions: defineTable('Copy actions of plan rules, one row each.', {
    plan_arn: string('ARN of the plan.'),
    rule_id: string('Id of the rule.'),
    destination_vault_arn: string('Vault that receives the copy.'),
    destination_account_id: string('Account of that vault.'),
    destination_region: string('Region of that vault.'),
    delete_after_days: bigint('Retention of the copy in days; none: kept for ever.'),
  }),
  backup_selections: defineTable('Resource selections of backup plans, one row each.', {
    plan_arn: string('ARN of the plan.'),
    plan_id: string('Id of the plan.'),
    selection_id: string('Id of the selection.'),
    name: string('Name of the selection.'),
    iam_role_arn: string('Role the backups are made with.'),
    selection: string('The whole selection as JSON: resources, exclusions, tags and conditions.'),
  }),
  backup_protected_resources: defineTable(
    'Resources that AWS Backup holds a backup of, one row each.',
    {
      arn: string('ARN of the resource.'),
      resource_type: string('AWS Backup’s resource type.'),
      resource_name: string('Name of the resource.'),
      last_backup_at: timestamp('When it was last backed up.'),
      last_backup_vault_arn: string('Vault of the last backup.'),
      last_recovery_point_arn: string('The last recovery point.'),
    },
  ),
}

type PlanCell = Cell<typeof tables>

/** The most that AWS Backup answers in one page. */
const PAGE = { MaxResults: 1000 }

/** What is meant to be backed up, and where to; the vaults and what is in them are the collector `backup`. */
export default defineCollector({
  service: 'backup',
  scope: 'cell',
  actions: [
    'backup:GetBackupPlan',
    'backup:GetBackupSelection',
    'backup:ListBackupPlans',
    'backup:ListBackupSelections',
    'backup:ListProtectedResources',
  ],
  tables,
  async collect(cell) {
    await Promise.all([readPlans(cell), readProtectedResources(cell)])
  },
})

async function readPlans(cell: PlanCell): Promise<void> {
  const ofPlans: (keyof typeof tables)[] = [
    'backup_plans',
    'backup_plan_rules',
    'backup_plan_copy_actions',
    'backup_selections',
  ]
  await cell.read(ofPlans, async () => {
    const reads: Promise<void>[] = []
    try {
      for await (const page of cell.pages(BackupClient, ListBackupPlansCommand, PAGE)) {
        for (const plan of page.BackupPlansList ?? []) {
          await cell.put('backup_plans', {
            arn: plan.BackupPlanArn,
            plan_id: plan.BackupPlanId,
            name: plan.BackupPlanName,
            version_id: plan.VersionId,
            created_at: plan.CreationDate,
            last_executed_at: plan.LastExecutionDate,
          })
          const of = { arn: plan.BackupPlanArn ?? '', id: plan.BackupPlanId ?? '' }
          reads.push(readPlanRules(cell, of), readSelections(cell, of))
        }
      }
    } finally {
      await Promise.all(reads)
    }
  })
}

interface PlanReference {
  arn: string
  id: string
}

async function readPlanRules(cell: PlanCell, plan: PlanReference): Promise<void> {
  await cell.read(['backup_plan_rules', 'backup_plan_copy_actions'], async () => {
    // A plan that was deleted since it was listed is no gap.
    const answer = await absentIf(['ResourceNotFoundException'], () =>
      cell.call(BackupClient, new GetBackupPlanCommand({ BackupPlanId: plan.id })),
    )
    if (!answer) return
    for (const rule of told(told(answer, 'BackupPlan'), 'Rules')) {
      await cell.put('backup_plan_rules', {
        plan_arn: plan.arn,
        plan_id: plan.id,
        rule_id: rule.RuleId,
        rule_name: rule.RuleName,
        target_vault_name: told(rule, 'TargetBackupVaultName'),
        target_air_gapped_vault_arn: rule.TargetLogicallyAirGappedBackupVaultArn,
        schedule_expression: rule.ScheduleExpression,
        schedule_timezone: rule.ScheduleExpressionTimezone,
        delete_after_days: rule.Lifecycle?.DeleteAfterDays,
        move_to_cold_storage_after_days: rule.Lifecycle?.MoveToColdStorageAfterDays,
        continuous_backup: rule.EnableContinuousBackup ?? false,
      })
      for (const copy of rule.CopyActions ?? []) {
        const vaultArn = told(copy, 'DestinationBackupVaultArn')
        const destination = parseArn(vaultArn)
        await cell.put('backup_plan_copy_actions', {
          plan_arn: plan.arn,
          rule_id: rule.RuleId,
          destination_vault_arn: vaultArn,
          destination_account_id: destination?.accountId,
          destination_region: destination?.region,
          delete_after_days: copy.Lifecycle?.DeleteAfterDays,
        })
      }
    }
  })
}

async function readSelections(cell: PlanCell, plan: PlanReference): Promise<void> {
  await cell.read('backup_selections', async () => {
    const input = { ...PAGE, BackupPlanId: plan.id }
    await absentIf(['ResourceNotFoundException'], async () => {
      for await (const page of cell.pages(BackupClient, ListBackupSelectionsCommand, input)) {
        await Promise.all(
          (page.BackupSelectionsList ?? []).map((listed) =>
            readSelection(cell, plan, listed.SelectionId ?? ''),
          ),
        )
      }
    })
  })
}

async function readSelection(
  cell: PlanCell,
  plan: PlanReference,
  selectionId: string,
): Promise<void> {
  const command = new GetBackupSelectionCommand({
    BackupPlanId: plan.id,
    SelectionId: selectionId,
  })
  // A selection that was deleted since it was listed is no gap.
  const answer = await absentIf(['ResourceNotFoundException'], () =>
    cell.call(BackupClient, command),
  )
  if (!answer) return
  const selection = told(answer, 'BackupSelection')
  await cell.put('backup_selections', {
    plan_arn: plan.arn,
    plan_id: plan.id,
    selection_id: selectionId,
    name: selection.SelectionName,
    iam_role_arn: selection.IamRoleArn,
    selection: JSON.stringify(selection),
  })
}

async function readProtectedResources(cell: PlanCell): Promise<void> {
  await cell.read('backup_protected_resources', async () => {
    for await (const page of cell.pages(BackupClient, ListProtectedResourcesCommand, PAGE)) {
      for (const resource of page.Results ?? []) {
        await cell.put('backup_protected_resources', {
          arn: resource.ResourceArn,
          resource_type: resource.ResourceType,
          resource_name: resource.ResourceName,
          last_backup_at: resource.LastBackupTime,
          last_backup_vault_arn: resource.LastBackupVaultArn,
          last_recovery_point_arn: resource.LastRecoveryPointArn,
        })
      }
    }
  })
}
