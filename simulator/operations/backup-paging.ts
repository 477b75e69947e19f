import type { RecoveryPointByBackupVault } from '@aws-sdk/client-backup'
import { type Pageable, paging } from '../paging.ts'
import { serviceState } from '../state.ts'

/** A page of one of AWS Backup's lists. */
export const listed = paging({
  token: 'NextToken',
  limit: 'MaxResults',
  minimum: 1,
  maximum: 1000,
  badToken: 'InvalidParameterValueException',
  badLimit: 'InvalidParameterValueException',
})

/** By vault name: points too many to be held. Such a vault has no others. */
export const madeUpPointsOf = serviceState(
  'made-up recovery points',
  () => new Map<string, Pageable<RecoveryPointByBackupVault>>(),
)
