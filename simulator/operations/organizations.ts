import * as sdk from '@aws-sdk/client-organizations'
import { ServiceError } from '../errors.ts'
import { arn, inUse, LIMIT, privileged, rate } from '../organizations-access.ts'
import { policyOperations } from '../organizations-policies.ts'
import { checkedLimit, isTwisted, page, readToken, writeToken } from '../paging.ts'
import type { OrganizationState } from '../state.ts'
import { defineService, type Operation, operation } from './operation.ts'

/** Each account's way down from the root: `[r-…, ou-…, …]`. */
function* ways(state: OrganizationState): Generator<string[]> {
  for (const { account } of state.accounts.values()) {
    for (const path of account.Paths ?? []) {
      yield path.split('/').filter((part) => part.startsWith('r-') || part.startsWith('ou-'))
    }
  }
}

const operations: Operation[] = [
  operation<sdk.ListAccountsCommandInput, sdk.ListAccountsCommandOutput>('organizations', {
    schema: sdk.ListAccounts$,
    accepts: ['NextToken', 'MaxResults'],
    rates: rate('ListAccounts', 8, 12),
    handle: (context, input) => {
      privileged(context)
      const all = [...context.state.accounts.values()].map((one) => one.account)
      if (isTwisted()) {
        const request = { ...LIMIT, list: 'twisted accounts', limit: input.MaxResults }
        const { items, next } = page(all, { ...request, token: input.NextToken })
        return { Accounts: items, NextToken: next }
      }
      const limit = checkedLimit({ ...LIMIT, limit: input.MaxResults })
      // AWS may answer an empty page with a token: here the second page always is, and the first
      // one is halved when it would hold everything. The odd offsets stand for that empty page.
      const position = readToken('accounts', input.NextToken, LIMIT.badToken)
      const start = Math.floor(position / 2)
      if (position % 2 === 1) {
        return { Accounts: [], NextToken: writeToken('accounts', start * 2) }
      }
      const first = Math.min(limit, Math.max(1, Math.ceil(all.length / 2)))
      const end = start + (start === 0 ? first : limit)
      const next = start === 0 ? end * 2 + 1 : end * 2
      return {
        Accounts: all.slice(start, end),
        NextToken: end < all.length ? writeToken('accounts', next) : undefined,
      }
    },
  }),
  operation<sdk.DescribeAccountCommandInput, sdk.DescribeAccountCommandOutput>('organizations', {
    schema: sdk.DescribeAccount$,
    accepts: ['AccountId'],
    rates: rate('DescribeAccount', 8, 12),
    resource: (context, input) => arn(context, `account/${context.state.id}/${input.AccountId}`),
    handle: (context, input) => {
      privileged(context)
      const found = context.state.accounts.get(input.AccountId ?? '')
      if (found !== undefined) return { Account: found.account }
      throw new ServiceError('AccountNotFoundException', 'The account is not in the organization.')
    },
  }),
  operation<sdk.DescribeOrganizationCommandInput, sdk.DescribeOrganizationCommandOutput>(
    'organizations',
    {
      schema: sdk.DescribeOrganization$,
      accepts: [],
      rates: rate('DescribeOrganization', 1, 12),
      handle: (context) => {
        const { state } = context
        const id = inUse(state)
        const management = state.accounts.get(state.managementAccountId)
        return {
          Organization: {
            Id: id,
            Arn: arn(context, `organization/${id}`),
            FeatureSet: 'ALL',
            MasterAccountId: state.managementAccountId,
            MasterAccountArn: management?.account.Arn,
            MasterAccountEmail: management?.account.Email,
          },
        }
      },
    },
  ),
  operation<sdk.ListRootsCommandInput, sdk.ListRootsCommandOutput>('organizations', {
    schema: sdk.ListRoots$,
    accepts: ['NextToken', 'MaxResults'],
    rates: rate('ListRoots', 1, 12),
    handle: (context) => {
      const id = privileged(context)
      const roots = new Set<string>()
      for (const [root] of ways(context.state)) if (root !== undefined) roots.add(root)
      return {
        Roots: [...roots].map((root) => ({
          Id: root,
          Arn: arn(context, `root/${id}/${root}`),
          Name: 'Root',
          PolicyTypes: context.state.policies?.types ?? [],
        })),
      }
    },
  }),
  operation<
    sdk.ListOrganizationalUnitsForParentCommandInput,
    sdk.ListOrganizationalUnitsForParentCommandOutput
  >('organizations', {
    schema: sdk.ListOrganizationalUnitsForParent$,
    accepts: ['ParentId', 'NextToken', 'MaxResults'],
    rates: rate('ListOrganizationalUnitsForParent', 5, 12),
    handle: (context, input) => {
      const id = privileged(context)
      const parent = input.ParentId ?? ''
      const children = new Set<string>()
      let known = false
      for (const way of ways(context.state)) {
        const at = way.indexOf(parent)
        known ||= at >= 0
        const child = at < 0 ? undefined : way[at + 1]
        if (child !== undefined) children.add(child)
      }
      if (!known) throw new ServiceError('ParentNotFoundException', `No parent ${parent}`)
      const { items, next } = page([...children], {
        ...LIMIT,
        list: `units ${parent}`,
        token: input.NextToken,
        limit: input.MaxResults,
      })
      const OrganizationalUnits = items.map((unit) => ({
        Id: unit,
        Arn: arn(context, `ou/${id}/${unit}`),
        Name: context.state.unitNames?.get(unit) ?? unit,
      }))
      return { OrganizationalUnits, NextToken: next }
    },
  }),
  ...policyOperations,
]

export default defineService({
  name: 'organizations',
  family: 'json',
  global: true,
  operations,
})
