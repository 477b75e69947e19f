import * as sdk from '@aws-sdk/client-backup'
import { ServiceError } from '../errors.ts'
import type { Pageable } from '../paging.ts'
import type { SimulatedPlan } from '../state.ts'
import { jobOperations } from './backup-jobs.ts'
import { listed, madeUpPointsOf } from './backup-paging.ts'
import {
  defineService,
  type Operation,
  type OperationContext,
  operation,
  type Rate,
} from './operation.ts'
import { taggingState } from './tagging.ts'

const ALL: Rate = { group: 'backup', perSecond: 50, burst: 50 }
const LIST: Rate[] = [{ group: 'backup:list', perSecond: 20, burst: 20 }, ALL]
/** One of its own for other clients than ours, which ask each recovery point for its tags: no more is known of it than of the other lists. */
const TAGS: Rate[] = [{ group: 'backup:ListTags', perSecond: 20, burst: 20 }, ALL]
const READ: Rate[] = [{ group: 'backup:read', perSecond: 15, burst: 15 }, ALL]

function notFound(what: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', `${what} was not found`)
}

function vault(context: OperationContext, name: string | undefined) {
  const found = context.cell.backup.vaults.find((one) => one.BackupVaultName === name)
  if (found === undefined) throw notFound(`Backup vault ${name}`)
  return found
}

function plan(context: OperationContext, id: string | undefined): SimulatedPlan {
  const found = context.cell.backup.plans.find((one) => one.BackupPlanId === id)
  if (found === undefined) throw notFound(`Backup plan ${id}`)
  return found
}

const arn = (context: OperationContext, kind: string, id: string | undefined) =>
  `arn:${context.state.partition}:backup:${context.region}:${context.accountId}:${kind}:${id}`
const vaultArn = (context: OperationContext, input: { BackupVaultName: string | undefined }) =>
  arn(context, 'backup-vault', input.BackupVaultName)
const planArn = (context: OperationContext, input: { BackupPlanId: string | undefined }) =>
  arn(context, 'backup-plan', input.BackupPlanId)

function pageOfMany(
  all: Pageable<sdk.RecoveryPointByBackupVault>,
  input: sdk.ListRecoveryPointsByBackupVaultCommandInput,
) {
  if (input.ByCreatedAfter ?? input.ByCreatedBefore) {
    const message = 'The simulator does not filter points that it makes up'
    throw new ServiceError('InvalidParameterValueException', message)
  }
  const { items, NextToken } = listed(all, `points ${input.BackupVaultName}`, input)
  return { RecoveryPoints: items, NextToken }
}

const operations: Operation[] = [
  operation<sdk.ListBackupVaultsCommandInput, sdk.ListBackupVaultsCommandOutput>('backup', {
    schema: sdk.ListBackupVaults$,
    accepts: ['NextToken', 'MaxResults', 'ByVaultType'],
    rates: LIST,
    resource: (context) => arn(context, 'backup-vault', '*'),
    handle: ({ cell }, input) => {
      const type = input.ByVaultType
      const all = cell.backup.vaults.filter((one) => type === undefined || one.VaultType === type)
      const { items, NextToken } = listed(all, `vaults ${type}`, input)
      return { BackupVaultList: items, NextToken }
    },
  }),
  operation<
    sdk.GetBackupVaultAccessPolicyCommandInput,
    sdk.GetBackupVaultAccessPolicyCommandOutput
  >('backup', {
    schema: sdk.GetBackupVaultAccessPolicy$,
    accepts: ['BackupVaultName'],
    rates: READ,
    resource: vaultArn,
    handle: (context, input) => {
      const { BackupVaultName, BackupVaultArn } = vault(context, input.BackupVaultName)
      const policy = context.cell.backup.vaultPolicies.get(BackupVaultName ?? '')
      if (policy === undefined) throw notFound(`A policy of backup vault ${BackupVaultName}`)
      return { BackupVaultName, BackupVaultArn, Policy: policy }
    },
  }),
  operation<
    sdk.GetBackupVaultNotificationsCommandInput,
    sdk.GetBackupVaultNotificationsCommandOutput
  >('backup', {
    schema: sdk.GetBackupVaultNotifications$,
    accepts: ['BackupVaultName'],
    rates: READ,
    resource: vaultArn,
    handle: (context, input) => {
      const { BackupVaultName, BackupVaultArn } = vault(context, input.BackupVaultName)
      const found = context.cell.backup.vaultNotifications.get(BackupVaultName ?? '')
      // The service answers a code that its own model does not know.
      if (found === undefined) throw new ServiceError('ERROR_2106', 'No notifications are set')
      const events = found.BackupVaultEvents as sdk.BackupVaultEvent[]
      return {
        BackupVaultName,
        BackupVaultArn,
        SNSTopicArn: found.SNSTopicArn,
        BackupVaultEvents: events,
      }
    },
  }),
  operation<
    sdk.ListRecoveryPointsByBackupVaultCommandInput,
    sdk.ListRecoveryPointsByBackupVaultCommandOutput
  >('backup', {
    schema: sdk.ListRecoveryPointsByBackupVault$,
    accepts: ['BackupVaultName', 'NextToken', 'MaxResults', 'ByCreatedAfter', 'ByCreatedBefore'],
    rates: LIST,
    resource: vaultArn,
    handle: (context, input) => {
      const { BackupVaultName } = vault(context, input.BackupVaultName)
      let all = context.cell.backup.recoveryPoints.get(BackupVaultName ?? '') ?? []
      const after = input.ByCreatedAfter?.getTime()
      const before = input.ByCreatedBefore?.getTime()
      const many = madeUpPointsOf(context.cell).get(BackupVaultName ?? '')
      if (many !== undefined) return pageOfMany(many, input)
      if (after !== undefined || before !== undefined) {
        all = all.filter((one) => {
          const created = one.CreationDate?.getTime() ?? 0
          return created > (after ?? -Infinity) && created < (before ?? Infinity)
        })
      }
      const list = `points ${BackupVaultName} ${after} ${before}`
      const { items, NextToken } = listed(all, list, input)
      return { RecoveryPoints: items, NextToken }
    },
  }),
  operation<sdk.ListTagsCommandInput, sdk.ListTagsCommandOutput>('backup', {
    schema: sdk.ListTags$,
    accepts: ['ResourceArn'],
    rates: TAGS,
    resource: (_, input) => input.ResourceArn ?? '*',
    handle: ({ cell }, input) => {
      const tags = taggingState(cell).tags.get(input.ResourceArn ?? '') ?? []
      return { Tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value ?? ''])) }
    },
  }),
  operation<sdk.ListBackupPlansCommandInput, sdk.ListBackupPlansCommandOutput>('backup', {
    schema: sdk.ListBackupPlans$,
    accepts: ['NextToken', 'MaxResults'],
    rates: LIST,
    handle: ({ cell }, input) => {
      const { items, NextToken } = listed(cell.backup.plans, 'plans', input)
      const BackupPlansList = items.map((one) => ({
        BackupPlanArn: one.BackupPlanArn,
        BackupPlanId: one.BackupPlanId,
        VersionId: one.VersionId,
        CreationDate: one.CreationDate,
        BackupPlanName: one.plan.BackupPlanName,
      }))
      return { BackupPlansList, NextToken }
    },
  }),
  operation<sdk.GetBackupPlanCommandInput, sdk.GetBackupPlanCommandOutput>('backup', {
    schema: sdk.GetBackupPlan$,
    accepts: ['BackupPlanId'],
    rates: READ,
    resource: planArn,
    handle: (context, input) => {
      const { plan: BackupPlan, selections: _, ...rest } = plan(context, input.BackupPlanId)
      return { ...rest, BackupPlan }
    },
  }),
  operation<sdk.ListBackupSelectionsCommandInput, sdk.ListBackupSelectionsCommandOutput>('backup', {
    schema: sdk.ListBackupSelections$,
    accepts: ['BackupPlanId', 'NextToken', 'MaxResults'],
    rates: LIST,
    resource: planArn,
    handle: (context, input) => {
      const { BackupPlanId, selections } = plan(context, input.BackupPlanId)
      const { items, NextToken } = listed(selections, `selections ${BackupPlanId}`, input)
      const BackupSelectionsList = items.map(({ SelectionId, CreationDate, selection }) => ({
        SelectionId,
        CreationDate,
        BackupPlanId,
        SelectionName: selection.SelectionName,
        IamRoleArn: selection.IamRoleArn,
      }))
      return { BackupSelectionsList, NextToken }
    },
  }),
  operation<sdk.GetBackupSelectionCommandInput, sdk.GetBackupSelectionCommandOutput>('backup', {
    schema: sdk.GetBackupSelection$,
    accepts: ['BackupPlanId', 'SelectionId'],
    rates: READ,
    resource: planArn,
    handle: (context, input) => {
      const { BackupPlanId, selections } = plan(context, input.BackupPlanId)
      const found = selections.find((one) => one.SelectionId === input.SelectionId)
      if (found === undefined) throw notFound(`Backup selection ${input.SelectionId}`)
      const { selection: BackupSelection, SelectionId, CreationDate } = found
      return { BackupPlanId, SelectionId, CreationDate, BackupSelection }
    },
  }),
  operation<sdk.ListProtectedResourcesCommandInput, sdk.ListProtectedResourcesCommandOutput>(
    'backup',
    {
      schema: sdk.ListProtectedResources$,
      accepts: ['NextToken', 'MaxResults'],
      rates: LIST,
      handle: ({ cell }, input) => {
        const { items, NextToken } = listed(cell.backup.protectedResources, 'protected', input)
        return { Results: items, NextToken }
      },
    },
  ),
  operation<sdk.DescribeRegionSettingsCommandInput, sdk.DescribeRegionSettingsCommandOutput>(
    'backup',
    {
      schema: sdk.DescribeRegionSettings$,
      accepts: [],
      rates: READ,
      handle: ({ cell }) => ({
        ResourceTypeOptInPreference: cell.backup.resourceTypeOptIn,
        ResourceTypeManagementPreference: cell.backup.resourceTypeManagement,
      }),
    },
  ),
]

export default defineService({
  name: 'backup',
  family: 'restJson',
  operations: [...operations, ...jobOperations],
})
