import type { StaticOperationSchema } from '@smithy/types'
import type { Principal, Sessions } from '../credentials.ts'
import type { Family } from '../errors.ts'
import type { AccountState, CellState, OrganizationState } from '../state.ts'

/** What an operation answers from. */
export interface OperationContext {
  state: OrganizationState
  account: AccountState
  accountId: string
  region: string
  cell: CellState
  principal: Principal
  sessions: Sessions
  clock: () => Date
}

export interface Rate {
  /** Operations with the same group share a bucket in an account and Region. */
  group: string
  perSecond: number
  burst: number
}

/** One simulated operation, its types erased so that services can be tables of them. */
export interface Operation {
  name: string
  schema: StaticOperationSchema
  /** IAM action; undefined when the call needs no permission. */
  action: string | undefined
  /** Authorized by the resource alone, as AssumeRole is by the role's trust. */
  resource: (context: OperationContext, input: unknown) => string
  rates: (input: unknown) => Rate[]
  /** Members of the input that are honoured: any other is refused rather than ignored. */
  accepts: ReadonlySet<string>
  handle: (context: OperationContext, input: unknown) => object
}

interface OperationDefinition<Input, Output extends object> {
  schema: StaticOperationSchema
  accepts: (keyof Input & string)[]
  action?: string | false
  resource?: (context: OperationContext, input: Input) => string
  rates: Rate[] | ((input: Input) => Rate[])
  handle: (context: OperationContext, input: Input) => Output
}

/** A simulated service: one file of this folder, by the service name of the credential scope. */
export interface ServiceDefinition {
  name: string
  family: Family
  /** Of the family `json`; default 1.1. */
  jsonVersion?: '1.0' | '1.1'
  /** Of the XML answers. */
  namespace?: string
  /** Answers in us-east-1 for the whole partition, whatever Regions are enabled. */
  global?: boolean
  operations: Operation[]
}

/** An identity function: the default export of a service's file. */
export function defineService(definition: ServiceDefinition): ServiceDefinition {
  return definition
}

/** Metadata is added by the client, not by the service. */
export type Answer<Output> = Omit<Output, '$metadata'>

/**
 * Ties a handler's types to an operation.
 *
 * The erased input is the output of the deserializer for the very same operation's schema, hence
 * the casts.
 */
export function operation<Input, Output extends object>(
  service: string,
  definition: OperationDefinition<Input, Answer<Output>>,
): Operation {
  const name = definition.schema[2]
  const { rates, resource } = definition
  const action = definition.action ?? `${service}:${name}`
  return {
    name,
    schema: definition.schema,
    action: action === false ? undefined : action,
    resource: (context, input) => resource?.(context, input as Input) ?? '*',
    rates: typeof rates === 'function' ? (input) => rates(input as Input) : () => rates,
    accepts: new Set(definition.accepts),
    handle: (context, input) => definition.handle(context, input as Input),
  }
}
