import type { Classified, GapCause } from '../aws/causes.ts'
import { emptySlice, type Gap, type Slice } from './answer.ts'
import type { Unit, UnitContext } from './collect-unit.ts'

/** Every slice is unread, by one gap that covers the whole account. */
export function cannotEnter(unit: Unit, context: UnitContext, failure: Classified): Slice[] {
  const gap: Gap = {
    account_id: unit.account_id,
    region: 'global',
    collector: '*',
    table_name: '*',
    resource_arn: null,
    operation: 'sts:AssumeRole',
    cause: failure.cause,
    detail: failure.detail,
  }
  return unit.slices.map(({ region, collector: name }, index) => ({
    ...notRead(unit, context, { region, name, status: 'unread', ...failure }),
    transient: failure.transient,
    gaps: index === 0 ? [gap] : [],
  }))
}

/** What is said of a Region that the account does not use. */
export const switchedOff = {
  cause: 'region_disabled',
  detail: 'the Region is switched off in this account',
} as const

interface NotRead {
  region: string
  name: string
  status: 'unread' | 'not_applicable'
  cause: GapCause
  detail: string
}

/** A slice that nothing was asked for. */
export function notRead(
  unit: Unit,
  { attempt, aws }: UnitContext,
  { region, name: collector, status, cause, detail }: NotRead,
): Slice {
  const of = { account_id: unit.account_id, region, collector, attempt }
  return { ...emptySlice(of, aws.clock()), status, cause, detail }
}
