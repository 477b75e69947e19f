import * as sdk from '@aws-sdk/client-eventbridge'
import { ServiceError } from '../errors.ts'
import { paging } from '../paging.ts'
import { serviceState } from '../state.ts'
import {
  defineService,
  type Operation,
  type OperationContext,
  operation,
  type Rate,
} from './operation.ts'

/** A rule with its targets. */
export interface SimulatedEventRule {
  rule: sdk.Rule
  targets?: sdk.Target[]
}

/** What EventBridge holds in a cell: the rules of every bus, by `EventBusName`. */
export const eventsState = serviceState('events', () => ({
  /** Names of the buses besides the default one. */
  buses: [] as string[],
  rules: [] as SimulatedEventRule[],
}))

/** AWS publishes no figure for these. */
const rate = (api: string): Rate[] => [{ group: `events:${api}`, perSecond: 50, burst: 50 }]

const listed = paging({
  token: 'NextToken',
  limit: 'Limit',
  minimum: 1,
  maximum: 100,
  badToken: 'ValidationException',
  badLimit: 'ValidationException',
})

function rulesOf({ cell }: OperationContext, bus = 'default'): SimulatedEventRule[] {
  const { buses, rules } = eventsState(cell)
  if (bus !== 'default' && !buses.includes(bus)) {
    throw new ServiceError('ResourceNotFoundException', `Event bus ${bus} does not exist.`)
  }
  return rules.filter(({ rule }) => (rule.EventBusName ?? 'default') === bus)
}

function arnOf(context: OperationContext, bus = 'default', rule = '*'): string {
  const { state, region, accountId } = context
  const name = bus === 'default' ? rule : `${bus}/${rule}`
  return `arn:${state.partition}:events:${region}:${accountId}:rule/${name}`
}

const operations: Operation[] = [
  operation<sdk.ListRulesCommandInput, sdk.ListRulesCommandOutput>('events', {
    schema: sdk.ListRules$,
    accepts: ['EventBusName', 'NextToken', 'Limit'],
    rates: rate('ListRules'),
    resource: (context, { EventBusName }) => arnOf(context, EventBusName),
    handle: (context, input) => {
      const all = rulesOf(context, input.EventBusName)
      const { items, NextToken } = listed(all, `rules ${input.EventBusName}`, input)
      return { Rules: items.map(({ rule }) => ({ EventBusName: 'default', ...rule })), NextToken }
    },
  }),
  operation<sdk.ListTargetsByRuleCommandInput, sdk.ListTargetsByRuleCommandOutput>('events', {
    schema: sdk.ListTargetsByRule$,
    accepts: ['Rule', 'EventBusName', 'NextToken', 'Limit'],
    rates: rate('ListTargetsByRule'),
    resource: (context, { EventBusName, Rule }) => arnOf(context, EventBusName, Rule),
    handle: (context, input) => {
      const { EventBusName, Rule } = input
      const found = rulesOf(context, EventBusName).find(({ rule }) => rule.Name === Rule)
      if (!found) {
        const message = `Rule ${Rule} does not exist on EventBus ${EventBusName ?? 'default'}.`
        throw new ServiceError('ResourceNotFoundException', message)
      }
      const { items, NextToken } = listed(
        found.targets ?? [],
        `targets ${EventBusName} ${Rule}`,
        input,
      )
      return { Targets: items, NextToken }
    },
  }),
]

export default defineService({ name: 'events', family: 'json', operations })
