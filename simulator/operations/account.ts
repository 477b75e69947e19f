import * as sdk from '@aws-sdk/client-account'
import { ServiceError } from '../errors.ts'
import { page } from '../paging.ts'
import type { AccountState } from '../state.ts'
import { defineService, type Operation, type OperationContext, operation } from './operation.ts'

/** The caller's account, or the one that a privileged caller names. */
function subject(context: OperationContext, id: string | undefined): AccountState {
  if (id === undefined) return context.account
  const { state, accountId } = context
  const privileged = accountId === state.managementAccountId || accountId === state.auditAccountId
  const found = state.accounts.get(id)
  if (privileged && found !== undefined && id !== accountId) return found
  throw new ServiceError('AccessDeniedException', 'You are not authorized for that account.', 403)
}

function status(optIn: boolean, enabled: boolean): sdk.RegionOptStatus {
  if (!optIn) return 'ENABLED_BY_DEFAULT'
  return enabled ? 'ENABLED' : 'DISABLED'
}

const operations: Operation[] = [
  operation<sdk.ListRegionsCommandInput, sdk.ListRegionsCommandOutput>('account', {
    schema: sdk.ListRegions$,
    accepts: ['AccountId', 'MaxResults', 'NextToken', 'RegionOptStatusContains'],
    rates: [{ group: 'account:ListRegions', perSecond: 5, burst: 5 }],
    handle: (context, input) => {
      const { enabledRegions } = subject(context, input.AccountId)
      const wanted = input.RegionOptStatusContains
      const all = context.state.regions
        .map(({ name, optIn }) => ({
          RegionName: name,
          RegionOptStatus: status(optIn, enabledRegions.has(name)),
        }))
        .filter((one) => wanted === undefined || wanted.includes(one.RegionOptStatus))
      const { items, next } = page(all, {
        list: `regions ${input.AccountId} ${wanted}`,
        token: input.NextToken,
        limit: input.MaxResults,
        minimum: 1,
        maximum: 50,
        standard: 20,
        badToken: 'ValidationException',
        badLimit: 'ValidationException',
      })
      return { Regions: items, NextToken: next }
    },
  }),
]

export default defineService({
  name: 'account',
  family: 'restJson',
  global: true,
  operations,
})
