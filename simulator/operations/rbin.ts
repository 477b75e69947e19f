import type * as sdk from '@aws-sdk/client-rbin'
import type { StaticListSchema, StaticOperationSchema, StaticStructureSchema } from '@smithy/types'
import { ServiceError } from '../errors.ts'
import { page } from '../paging.ts'
import { serviceState } from '../state.ts'
import { defineService, type Operation, operation, type Rate } from './operation.ts'

/** A rule as GetRule answers it; the client's own type is older than exclusion tags. */
export type SimulatedRule = Omit<sdk.GetRuleCommandOutput, '$metadata'> & {
  ExcludeResourceTags?: sdk.ResourceTag[]
}

/** Rules of the Recycle Bin, whole, as GetRule answers them. */
export const rbinState = serviceState('rbin', () => ({ rules: [] as SimulatedRule[] }))

// The client of this service is of a generation without schemas: these are written by hand, by its API reference.
const namespace = 'com.amazonaws.rbin'
const text = 0
const whole = 1
const moment = 4

function struct(name: string, members: Record<string, StaticStructureSchema[5][number]>) {
  const schema: StaticStructureSchema = [
    3,
    namespace,
    name,
    0,
    Object.keys(members),
    Object.values(members),
  ]
  return () => schema
}

function list(name: string, value: StaticListSchema[4]) {
  const schema: StaticListSchema = [1, namespace, name, 0, value]
  return () => schema
}

const period = struct('RetentionPeriod', {
  RetentionPeriodValue: whole,
  RetentionPeriodUnit: text,
})
const tags = list(
  'ResourceTags',
  struct('ResourceTag', { ResourceTagKey: text, ResourceTagValue: text }),
)
const delay = struct('UnlockDelay', { UnlockDelayValue: whole, UnlockDelayUnit: text })
const summary = struct('RuleSummary', {
  Identifier: text,
  Description: text,
  RetentionPeriod: period,
  LockState: text,
  RuleArn: text,
})

const ListRules$: StaticOperationSchema = [
  9,
  namespace,
  'ListRules',
  { http: ['POST', '/list-rules', 200] },
  struct('ListRulesRequest', {
    MaxResults: whole,
    NextToken: text,
    ResourceType: text,
    ResourceTags: tags,
    LockState: text,
    ExcludeResourceTags: tags,
  }),
  struct('ListRulesResponse', { Rules: list('RuleSummaryList', summary), NextToken: text }),
]

const GetRule$: StaticOperationSchema = [
  9,
  namespace,
  'GetRule',
  { http: ['GET', '/rules/{Identifier}', 200] },
  struct('GetRuleRequest', { Identifier: [text, { httpLabel: 1 }] }),
  struct('GetRuleResponse', {
    Identifier: text,
    Description: text,
    ResourceType: text,
    RetentionPeriod: period,
    ResourceTags: tags,
    Status: text,
    LockConfiguration: struct('LockConfiguration', { UnlockDelay: delay }),
    LockState: text,
    LockEndTime: moment,
    RuleArn: text,
    ExcludeResourceTags: tags,
  }),
]

/** AWS publishes no figure. */
const rate = (api: string): Rate[] => [{ group: `rbin:${api}`, perSecond: 10, burst: 20 }]

const operations: Operation[] = [
  operation<sdk.ListRulesCommandInput, sdk.ListRulesCommandOutput>('rbin', {
    schema: ListRules$,
    accepts: ['ResourceType', 'MaxResults', 'NextToken'],
    rates: rate('ListRules'),
    handle: ({ cell }, { ResourceType, MaxResults, NextToken }) => {
      if (!ResourceType) throw new ServiceError('ValidationException', 'ResourceType is required')
      const all = rbinState(cell).rules.filter((rule) => rule.ResourceType === ResourceType)
      const { items, next } = page(all, {
        list: `rules ${ResourceType}`,
        token: NextToken,
        limit: MaxResults,
        minimum: 1,
        maximum: 1000,
        standard: 100,
        badToken: 'ValidationException',
        badLimit: 'ValidationException',
      })
      const Rules = items.map(({ Identifier, Description, RetentionPeriod, LockState }) => ({
        ...{ Identifier, RetentionPeriod },
        ...(Description ? { Description } : {}),
        ...(LockState ? { LockState } : {}),
      }))
      return { Rules, ...(next ? { NextToken: next } : {}) }
    },
  }),
  operation<sdk.GetRuleCommandInput, SimulatedRule>('rbin', {
    schema: GetRule$,
    accepts: ['Identifier'],
    rates: rate('GetRule'),
    resource: ({ accountId, region, state }, { Identifier }) =>
      `arn:${state.partition}:rbin:${region}:${accountId}:rule/${Identifier}`,
    handle: ({ cell }, { Identifier }) => {
      const rule = rbinState(cell).rules.find((one) => one.Identifier === Identifier)
      if (rule) return rule
      throw new ServiceError('ResourceNotFoundException', `No rule ${Identifier}`, 404)
    },
  }),
]

export default defineService({ name: 'rbin', family: 'restJson', operations })
