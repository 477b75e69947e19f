import {
  BackupClient,
  GetRestoreTestingSelectionCommand,
  ListRestoreJobsCommand,
  ListRestoreTestingPlansCommand,
  ListRestoreTestingSelectionsCommand,
  type RestoreJobsListMember,
  type RestoreTestingPlanForList,
  type RestoreTestingSelectionForGet,
  type RestoreTestingSelectionForList,
} from '@aws-sdk/client-backup'
import type { Cell } from '../collect/cell.ts'
import { absentIf } from '../collect/failed-call.ts'
import { told } from '../collect/told.ts'
import { bigint, defineTable, string, timestamp } from '../lake/table.ts'
import { defineCollector } from './collector.ts'

const tables = {
  restore_testing_plans: defineTable('Restore testing plans of AWS Backup, one row each.', {
    arn: string('ARN of the plan.'),
    name: string('Name of the plan.'),
    schedule_expression: string('When it restores.'),
    schedule_timezone: string('Time zone of the schedule.'),
    start_window_hours: bigint('Hours within which a test is to begin.'),
    created_at: timestamp('When it was created.'),
    last_executed_at: timestamp('When it last ran.'),
  }),
  restore_testing_selections: defineTable(
    'What restore testing plans restore, one row per plan and selection.',
    {
      plan_arn: string('ARN of the plan.'),
      plan_name: string('Name of the plan.'),
      name: string('Name of the selection.'),
      protected_resource_type: string('Resource type that it restores, such as `EBS`.'),
      reach: string(
        'What of the type it restores: `all`, the resources that are `named`, or those that meet `conditions`; none: not read.',
      ),
      protected_resource_arns: string(
        'The resources that it names, as a JSON array, or `["*"]`; none: it names none, or they were not read.',
      ),
      protected_resource_conditions: string(
        'The conditions on tags that a resource is to meet, as JSON; none: it has none, or they were not read.',
      ),
      iam_role_arn: string('Role that it restores with.'),
      validation_window_hours: bigint('Hours that a validation has before the copy is deleted.'),
      created_at: timestamp('When it was created.'),
    },
  ),
  restore_testing_jobs: defineTable(
    'Restore jobs that the restore testing plans started, as long as AWS Backup remembers them.',
    {
      plan_arn: string('ARN of the plan.'),
      job_id: string('Id of the job.'),
      status: string('`PENDING`, `RUNNING`, `COMPLETED`, `ABORTED` or `FAILED`.'),
      validation_status: string(
        '`SUCCESSFUL`, `FAILED`, `TIMED_OUT` or `VALIDATING`; none: nobody validates.',
      ),
      deletion_status: string('Whether what was restored is deleted again.'),
      resource_type: string('AWS Backup’s resource type.'),
      resource_arn: string('Resource whose backup was restored.'),
      recovery_point_arn: string('Recovery point that was restored.'),
      created_resource_arn: string('What was restored.'),
      iam_role_arn: string('Role that the job ran with.'),
      created_at: timestamp('When the job was created.'),
      completed_at: timestamp('When it ended.'),
    },
  ),
}

type TestingCell = Cell<typeof tables>

/** The most that AWS Backup answers in one page. */
const PAGE = { MaxResults: 1000 }

/** Whether backups are restored for trial. Jobs are asked for by plan: a cell without plans costs one call. */
export default defineCollector({
  service: 'backup',
  scope: 'cell',
  actions: [
    'backup:GetRestoreTestingSelection',
    'backup:ListRestoreJobs',
    'backup:ListRestoreTestingPlans',
    'backup:ListRestoreTestingSelections',
  ],
  tables,
  async collect(cell) {
    const ofPlans: (keyof typeof tables)[] = [
      'restore_testing_plans',
      'restore_testing_selections',
      'restore_testing_jobs',
    ]
    const plans: PlanReference[] = []
    const jobs: Promise<void>[] = []
    await cell.read(ofPlans, async () => {
      for await (const page of cell.pages(BackupClient, ListRestoreTestingPlansCommand, PAGE)) {
        for (const plan of page.RestoreTestingPlans ?? []) {
          await putPlan(cell, plan)
          jobs.push(readJobs(cell, plan))
          await cell.read('restore_testing_selections', async () => {
            plans.push({
              arn: told(plan, 'RestoreTestingPlanArn'),
              name: told(plan, 'RestoreTestingPlanName'),
            })
          })
        }
      }
    })
    // A plan that was deleted since it was listed is no gap.
    const selections = cell.perItem('restore_testing_selections', plans, (plan) =>
      absentIf(['ResourceNotFoundException'], () => readSelections(cell, plan)),
    )
    await Promise.all([selections, ...jobs])
  },
})

interface PlanReference {
  arn: string
  name: string
}

async function putPlan(cell: TestingCell, plan: RestoreTestingPlanForList): Promise<void> {
  await cell.put('restore_testing_plans', {
    arn: plan.RestoreTestingPlanArn,
    name: plan.RestoreTestingPlanName,
    schedule_expression: plan.ScheduleExpression,
    schedule_timezone: plan.ScheduleExpressionTimezone,
    start_window_hours: plan.StartWindowHours,
    created_at: plan.CreationTime,
    last_executed_at: plan.LastExecutionTime,
  })
}

/**
 * The selections of one plan. What of their type they restore is told by no list, so each is asked for; one that refuses keeps
 * what the list said of it.
 */
async function readSelections(cell: TestingCell, { arn, name }: PlanReference): Promise<void> {
  let failure: unknown
  const input = { ...PAGE, RestoreTestingPlanName: name }
  for await (const page of cell.pages(BackupClient, ListRestoreTestingSelectionsCommand, input)) {
    const selections = page.RestoreTestingSelections ?? []
    const asked = selections.map((selection) =>
      detailOf(cell, selection).catch((error: unknown) => {
        failure ??= error
        return undefined
      }),
    )
    const details = await Promise.all(asked)
    for (const [index, selection] of selections.entries()) {
      const detail = details[index]
      if (detail === 'gone') continue
      await cell.put('restore_testing_selections', {
        plan_arn: arn,
        plan_name: name,
        name: selection.RestoreTestingSelectionName,
        protected_resource_type: selection.ProtectedResourceType,
        iam_role_arn: selection.IamRoleArn,
        validation_window_hours: selection.ValidationWindowHours,
        created_at: selection.CreationTime,
        ...(detail ? reachColumns(detail) : {}),
      })
    }
  }
  if (failure !== undefined) throw failure
}

async function detailOf(
  cell: TestingCell,
  { RestoreTestingPlanName, RestoreTestingSelectionName }: RestoreTestingSelectionForList,
): Promise<RestoreTestingSelectionForGet | 'gone' | undefined> {
  const input = { RestoreTestingPlanName, RestoreTestingSelectionName }
  // A selection that was deleted since it was listed is no gap.
  const answer = await absentIf(['ResourceNotFoundException'], () =>
    cell.call(BackupClient, new GetRestoreTestingSelectionCommand(input)),
  )
  return answer ? told(answer, 'RestoreTestingSelection') : 'gone'
}

/**
 * A selection takes in the resources that it names, or by the wildcard all of its type, narrowed by conditions
 * (`RestoreTestingSelectionForCreate` in AWS Backup's API reference).
 */
function reachColumns(selection: RestoreTestingSelectionForGet) {
  const { ProtectedResourceArns: arns = [], ProtectedResourceConditions: conditions } = selection
  const { StringEquals = [], StringNotEquals = [] } = conditions ?? {}
  const conditional = StringEquals.length + StringNotEquals.length > 0
  const unconditional = arns.length > 0 && !arns.includes('*') ? 'named' : 'all'
  return {
    reach: conditional ? 'conditions' : unconditional,
    protected_resource_arns: arns.length > 0 ? JSON.stringify(arns) : null,
    protected_resource_conditions: conditional ? JSON.stringify(conditions) : null,
  }
}

async function readJobs(cell: TestingCell, plan: RestoreTestingPlanForList): Promise<void> {
  await cell.read('restore_testing_jobs', async () => {
    const input = { ...PAGE, ByRestoreTestingPlanArn: plan.RestoreTestingPlanArn }
    for await (const page of cell.pages(BackupClient, ListRestoreJobsCommand, input)) {
      for (const job of page.RestoreJobs ?? []) await putJob(cell, plan, job)
    }
  })
}

async function putJob(
  cell: TestingCell,
  plan: RestoreTestingPlanForList,
  job: RestoreJobsListMember,
): Promise<void> {
  await cell.put('restore_testing_jobs', {
    plan_arn: job.CreatedBy?.RestoreTestingPlanArn ?? plan.RestoreTestingPlanArn,
    job_id: job.RestoreJobId,
    status: job.Status,
    validation_status: job.ValidationStatus,
    deletion_status: job.DeletionStatus,
    resource_type: job.ResourceType,
    resource_arn: job.SourceResourceArn,
    recovery_point_arn: job.RecoveryPointArn,
    created_resource_arn: job.CreatedResourceArn,
    iam_role_arn: job.IamRoleArn,
    created_at: job.CreationDate,
    completed_at: job.CompletionDate,
  })
}
