import * as sdk from '@aws-sdk/client-organizations'
import { ServiceError } from './errors.ts'
import { type Operation, type OperationContext, operation } from './operations/operation.ts'
import { arn, LIMIT, privileged, rate } from './organizations-access.ts'
import { page, writeToken } from './paging.ts'
import type { SimulatedPolicy } from './state.ts'

/** A page of a list. The first is empty and has a token: such a page is not the end of a list. */
function paged<Item>(
  all: readonly Item[],
  list: string,
  { NextToken, MaxResults }: { NextToken?: string; MaxResults?: number },
): { items: Item[]; next: string | undefined } {
  const request = { ...LIMIT, list, token: NextToken, limit: MaxResults }
  const answer = page(all, request)
  if (NextToken !== undefined || all.length === 0) return answer
  return { items: [], next: writeToken(list, 0) }
}

function found({ state }: OperationContext, id: string | undefined): SimulatedPolicy {
  const policy = state.policies?.policies.find(({ summary }) => summary.Id === id)
  if (policy) return policy
  throw new ServiceError('PolicyNotFoundException', `No policy ${id}`)
}

function targetOf(context: OperationContext, id: string): sdk.PolicyTargetSummary {
  const of = `${context.state.id}/${id}`
  if (id.startsWith('r-')) {
    return { TargetId: id, Arn: arn(context, `root/${of}`), Name: 'Root', Type: 'ROOT' }
  }
  if (id.startsWith('ou-')) {
    const Name = context.state.unitNames?.get(id) ?? id
    return { TargetId: id, Arn: arn(context, `ou/${of}`), Name, Type: 'ORGANIZATIONAL_UNIT' }
  }
  const account = context.state.accounts.get(id)?.account
  return { TargetId: id, Arn: account?.Arn, Name: account?.Name, Type: 'ACCOUNT' }
}

const resource = ({ state }: OperationContext, input: { PolicyId: string | undefined }) =>
  state.policies?.policies.find(({ summary }) => summary.Id === input.PolicyId)?.summary.Arn ?? '*'

/** What the service answers of the organization's policies. */
export const policyOperations: Operation[] = [
  operation<sdk.ListPoliciesCommandInput, sdk.ListPoliciesCommandOutput>('organizations', {
    schema: sdk.ListPolicies$,
    accepts: ['Filter', 'NextToken', 'MaxResults'],
    rates: rate('ListPolicies', 5, 8),
    handle: (context, input) => {
      privileged(context)
      const all = (context.state.policies?.policies ?? []).filter(
        ({ summary }) => summary.Type === input.Filter,
      )
      const { items, next } = paged(all, `policies ${input.Filter}`, input)
      return { Policies: items.map(({ summary }) => summary), NextToken: next }
    },
  }),
  operation<sdk.DescribePolicyCommandInput, sdk.DescribePolicyCommandOutput>('organizations', {
    schema: sdk.DescribePolicy$,
    accepts: ['PolicyId'],
    rates: rate('DescribePolicy', 2, 2),
    resource,
    handle: (context, input) => {
      privileged(context)
      const { summary, content } = found(context, input.PolicyId)
      return { Policy: { PolicySummary: summary, Content: content } }
    },
  }),
  operation<sdk.ListTargetsForPolicyCommandInput, sdk.ListTargetsForPolicyCommandOutput>(
    'organizations',
    {
      schema: sdk.ListTargetsForPolicy$,
      accepts: ['PolicyId', 'NextToken', 'MaxResults'],
      rates: rate('ListTargetsForPolicy', 5, 8),
      resource,
      handle: (context, input) => {
        privileged(context)
        const { targets } = found(context, input.PolicyId)
        const { items, next } = paged(targets, `targets ${input.PolicyId}`, input)
        return { Targets: items.map((id) => targetOf(context, id)), NextToken: next }
      },
    },
  ),
  operation<
    sdk.ListDelegatedAdministratorsCommandInput,
    sdk.ListDelegatedAdministratorsCommandOutput
  >('organizations', {
    schema: sdk.ListDelegatedAdministrators$,
    accepts: ['ServicePrincipal', 'NextToken', 'MaxResults'],
    rates: rate('ListDelegatedAdministrators', 5, 8),
    handle: (context, input) => {
      privileged(context)
      const { backupAdministrators = [] } = context.state.policies ?? {}
      const all = input.ServicePrincipal === 'backup.amazonaws.com' ? backupAdministrators : []
      const { items, next } = paged(all, `administrators ${input.ServicePrincipal}`, input)
      const DelegatedAdministrators = items.map((id) => ({
        ...context.state.accounts.get(id)?.account,
        DelegationEnabledDate: new Date('2025-06-01T12:00:00Z'),
      }))
      return { DelegatedAdministrators, NextToken: next }
    },
  }),
]
