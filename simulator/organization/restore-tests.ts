import type { RestoreJobsListMember, RestoreTestingSelectionForGet } from '@aws-sdk/client-backup'
import { arnOf, type Cell, days } from './cell.ts'
import { oddNames } from './odd-names.ts'
import type { Soil } from './plant.ts'
import { Random } from './random.ts'

/** Tests that succeeded, and tests that prove nothing: too old, failed, not validated, or a restore by hand. */
export function plantRestoreTests(cell: Cell, { random, story }: Soil): void {
  const name = `weekly_${random.hex(4)}`
  const planArn = arnOf(cell, 'backup', `restore-testing-plan:${name}-${random.uuid()}`)
  const { backup } = cell.state
  const reachOf = plantReaches(cell, planArn, story)
  backup.restoreTestingPlans.push({
    RestoreTestingPlanName: name,
    RestoreTestingPlanArn: planArn,
    ScheduleExpression: 'cron(0 5 ? * 1 *)',
    ScheduleExpressionTimezone: 'Etc/UTC',
    StartWindowHours: 8,
    CreationTime: days(cell, -200),
    LastExecutionTime: days(cell, -2),
  })
  for (const type of ['EBS', 'RDS', 'EFS', 'S3', 'DynamoDB', 'EC2']) {
    if (random.chance(0.8))
      backup.restoreTestingSelections.push({
        RestoreTestingPlanName: name,
        RestoreTestingSelectionName: `all_${type}`,
        ProtectedResourceType: type,
        ...reachOf(type),
        IamRoleArn: `arn:aws:iam::${cell.accountId}:role/service-role/AWSBackupDefaultServiceRole`,
        CreationTime: days(cell, -200),
      })
    for (const outcome of [restored, random.pick(outcomes)])
      backup.restoreJobs.push({
        RestoreJobId: random.uuid(),
        AccountId: cell.accountId,
        ResourceType: type,
        CreationDate: days(cell, -100),
        CreatedBy: { RestoreTestingPlanArn: planArn },
        RecoveryPointArn: arnOf(cell, 'backup', `recovery-point:${random.uuid()}`),
        ...outcome(cell),
      })
  }
}

type Reach = Pick<
  RestoreTestingSelectionForGet,
  'ProtectedResourceArns' | 'ProtectedResourceConditions'
>

/** How many resources a selection may name. */
const MOST_NAMED = 30

/**
 * Most selections take in all of their type. Some name all of the resources or one too few, and some have conditions, whose
 * resources were restored or not: nobody can tell what else those take in, so that only the demo's story has them.
 */
function plantReaches(cell: Cell, planArn: string, story: boolean): (type: string) => Reach {
  const random = new Random(`${cell.accountId}/${cell.region}/restore tests`)
  const { recoveryPoints, restoreJobs } = cell.state.backup
  return (type) => {
    const all = [...recoveryPoints.values()].flat().filter((one) => one.ResourceType === type)
    const sources = [...new Set(all.flatMap(({ ResourceArn }) => ResourceArn ?? []))]
    const way = wayOf(random, story)
    if (way === 'all' || sources.length === 0) return { ProtectedResourceArns: ['*'] }
    if (way === 'named') return { ProtectedResourceArns: sources.slice(0, MOST_NAMED) }
    if (way === 'some') {
      const gone = arnOf(cell, type.toLowerCase(), `gone/${random.hex(8)}`)
      return { ProtectedResourceArns: [gone, ...sources.slice(1, MOST_NAMED)] }
    }
    if (way === 'restored')
      for (const SourceResourceArn of sources)
        restoreJobs.push({
          RestoreJobId: random.uuid(),
          AccountId: cell.accountId,
          ResourceType: type,
          SourceResourceArn,
          CreationDate: days(cell, -3),
          CreatedBy: { RestoreTestingPlanArn: planArn },
          ...succeeded(cell),
        })
    return {
      ProtectedResourceArns: ['*'],
      ProtectedResourceConditions: {
        StringEquals: [{ Key: 'aws:ResourceTag/tested', Value: random.pick(oddNames) }],
      },
    }
  }
}

function wayOf(random: Random, story: boolean) {
  const way = random.pick(['all', 'all', 'all', 'all', 'named', 'some', 'restored', 'conditions'])
  return !story && (way === 'restored' || way === 'conditions') ? 'all' : way
}

type Outcome = (cell: Cell) => Partial<RestoreJobsListMember>

/** Every cell has tested once, too long ago. */
const restored: Outcome = (cell) => ({ Status: 'COMPLETED', CompletionDate: days(cell, -91) })

const succeeded: Outcome = (cell) => ({ Status: 'COMPLETED', CompletionDate: days(cell, -2) })

const outcomes: [Outcome, ...Outcome[]] = [
  succeeded,
  succeeded,
  succeeded,
  (cell) => ({
    Status: 'COMPLETED',
    // Not to the second: a run begins a moment after its organization is made.
    CompletionDate: days(cell, -89.5),
    ValidationStatus: 'SUCCESSFUL',
  }),
  (cell) => ({
    Status: 'COMPLETED',
    CompletionDate: days(cell, -2),
    ValidationStatus: 'TIMED_OUT',
  }),
  (cell) => ({ Status: 'FAILED', CompletionDate: days(cell, -2) }),
  (cell) => ({ Status: 'COMPLETED', CompletionDate: days(cell, -2), CreatedBy: undefined }),
]
