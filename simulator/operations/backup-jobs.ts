import * as sdk from '@aws-sdk/client-backup'
import { ServiceError } from '../errors.ts'
import { listed } from './backup-paging.ts'
import { type Operation, type OperationContext, operation, type Rate } from './operation.ts'

const ALL: Rate = { group: 'backup', perSecond: 50, burst: 50 }
const LIST: Rate[] = [{ group: 'backup:list', perSecond: 20, burst: 20 }, ALL]
const READ: Rate[] = [{ group: 'backup:read', perSecond: 15, burst: 15 }, ALL]

function testingPlanArn(
  { state, region, accountId }: OperationContext,
  { RestoreTestingPlanName }: { RestoreTestingPlanName?: string | undefined },
): string {
  return `arn:${state.partition}:backup:${region}:${accountId}:restore-testing-plan:${RestoreTestingPlanName}`
}

/** The selections of a plan, or the service's error where there is no such plan. */
function selectionsOf({ cell }: OperationContext, plan: string | undefined) {
  const { restoreTestingPlans, restoreTestingSelections } = cell.backup
  if (restoreTestingPlans.some((one) => one.RestoreTestingPlanName === plan)) {
    return restoreTestingSelections.filter((one) => one.RestoreTestingPlanName === plan)
  }
  throw new ServiceError('ResourceNotFoundException', `No restore testing plan ${plan}`)
}

/** What a list says of a selection: not which resources of the type it takes in. */
function asListed(
  selection: sdk.RestoreTestingSelectionForGet,
): sdk.RestoreTestingSelectionForList {
  const { ProtectedResourceArns, ProtectedResourceConditions, ...rest } = selection
  const { RestoreMetadataOverrides, CreatorRequestId, ...listed } = rest
  return listed
}

/** AWS Backup's operations over copies, restore tests and what holds for a whole account. */
export const jobOperations: Operation[] = [
  operation<sdk.ListCopyJobsCommandInput, sdk.ListCopyJobsCommandOutput>('backup', {
    schema: sdk.ListCopyJobs$,
    accepts: ['NextToken', 'MaxResults', 'ByCreatedAfter'],
    rates: LIST,
    handle: ({ cell }, input) => {
      const after = input.ByCreatedAfter?.getTime() ?? -Infinity
      const all = cell.backup.copyJobs.filter((job) => (job.CreationDate?.getTime() ?? 0) > after)
      const { items, NextToken } = listed(all, `copy jobs ${after}`, input)
      return { CopyJobs: items, NextToken }
    },
  }),
  operation<sdk.ListRestoreJobsCommandInput, sdk.ListRestoreJobsCommandOutput>('backup', {
    schema: sdk.ListRestoreJobs$,
    accepts: ['NextToken', 'MaxResults', 'ByRestoreTestingPlanArn'],
    rates: LIST,
    handle: ({ cell }, input) => {
      const plan = input.ByRestoreTestingPlanArn
      const all = cell.backup.restoreJobs.filter(
        (job) => plan === undefined || job.CreatedBy?.RestoreTestingPlanArn === plan,
      )
      const { items, NextToken } = listed(all, `restore jobs ${plan}`, input)
      return { RestoreJobs: items, NextToken }
    },
  }),
  operation<sdk.ListRestoreTestingPlansCommandInput, sdk.ListRestoreTestingPlansCommandOutput>(
    'backup',
    {
      schema: sdk.ListRestoreTestingPlans$,
      accepts: ['NextToken', 'MaxResults'],
      rates: LIST,
      handle: ({ cell }, input) => {
        const { items, NextToken } = listed(cell.backup.restoreTestingPlans, 'tests', input)
        return { RestoreTestingPlans: items, NextToken }
      },
    },
  ),
  operation<
    sdk.ListRestoreTestingSelectionsCommandInput,
    sdk.ListRestoreTestingSelectionsCommandOutput
  >('backup', {
    schema: sdk.ListRestoreTestingSelections$,
    accepts: ['RestoreTestingPlanName', 'NextToken', 'MaxResults'],
    rates: LIST,
    resource: testingPlanArn,
    handle: (context, input) => {
      const name = input.RestoreTestingPlanName
      const { items, NextToken } = listed(selectionsOf(context, name), `selections ${name}`, input)
      return { RestoreTestingSelections: items.map(asListed), NextToken }
    },
  }),
  operation<
    sdk.GetRestoreTestingSelectionCommandInput,
    sdk.GetRestoreTestingSelectionCommandOutput
  >('backup', {
    schema: sdk.GetRestoreTestingSelection$,
    accepts: ['RestoreTestingPlanName', 'RestoreTestingSelectionName'],
    rates: READ,
    resource: testingPlanArn,
    handle: (context, { RestoreTestingPlanName, RestoreTestingSelectionName: name }) => {
      const all = selectionsOf(context, RestoreTestingPlanName)
      const found = all.find((one) => one.RestoreTestingSelectionName === name)
      if (found) return { RestoreTestingSelection: found }
      throw new ServiceError('ResourceNotFoundException', `No restore testing selection ${name}`)
    },
  }),
  operation<
    sdk.ListRestoreAccessBackupVaultsCommandInput,
    sdk.ListRestoreAccessBackupVaultsCommandOutput
  >('backup', {
    schema: sdk.ListRestoreAccessBackupVaults$,
    accepts: ['BackupVaultName', 'NextToken', 'MaxResults'],
    rates: LIST,
    resource: ({ state, region, accountId }, { BackupVaultName }) =>
      `arn:${state.partition}:backup:${region}:${accountId}:backup-vault:${BackupVaultName}`,
    handle: ({ cell }, input) => {
      const name = input.BackupVaultName ?? ''
      const all = cell.backup.restoreAccessVaults.get(name) ?? []
      const { items, NextToken } = listed(all, `access vaults ${name}`, input)
      return { RestoreAccessBackupVaults: items, NextToken }
    },
  }),
  operation<sdk.DescribeGlobalSettingsCommandInput, sdk.DescribeGlobalSettingsCommandOutput>(
    'backup',
    {
      schema: sdk.DescribeGlobalSettings$,
      accepts: [],
      rates: READ,
      handle: ({ state, cell }) => {
        if (state.id === undefined) {
          const message = 'The account is not a member of an organization'
          throw new ServiceError('InvalidRequestException', message)
        }
        return { GlobalSettings: cell.backup.globalSettings }
      },
    },
  ),
]
