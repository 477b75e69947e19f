import { z } from 'zod'
import list from './prices.json' with { type: 'json' }

type Name = keyof typeof list.prices

/** Day and Region of the list prices. */
export const { as_of: pricedOn, region: pricedIn } = list

/**
 * List prices in dollars, as far as they could be found; every one may be replaced (`--prices`). `prices.json` says of each on which
 * page AWS has it and how it is known: `confirmed` by that page, `quoted` by others, or `unverified`.
 */
export const prices = z.strictObject(
  Object.fromEntries(
    Object.entries(list.prices).map(([name, { value, unit }]) => [
      name,
      z.number().nonnegative().default(value).describe(unit),
    ]),
  ) as Record<Name, z.ZodDefault<z.ZodNumber>>,
)
export type Prices = z.output<typeof prices>

/** What of one run AWS bills, whatever it was that counted or estimated it. */
export interface Billed {
  gbSeconds: number
  invocations: number
  transitions: number
  put: number
  get: number
  /** Requests of KMS. */
  kms: number
  /** Bytes that Athena bills, its least for a query included. */
  scanned: number
  /** Bytes that are kept, and for how many months. */
  stored: number
  monthsKept: number
  /** Bytes of logs. */
  logs: number
  /** Findings beyond the free ones. */
  paidFindings: number
}

/** Dollars of one run by what they are for. */
export function dollarsOf(billed: Billed, cost: Prices): Record<string, number> {
  return {
    Lambda:
      billed.gbSeconds * cost.lambda_gb_second +
      (billed.invocations / 1e6) * cost.lambda_million_requests,
    'Step Functions': (billed.transitions / 1000) * cost.transitions_thousand,
    'S3 requests':
      (billed.put / 1000) * cost.s3_put_thousand + (billed.get / 1000) * cost.s3_get_thousand,
    'S3 storage': (billed.stored / 1e9) * cost.s3_gb_month * billed.monthsKept,
    Athena: (billed.scanned / 1e12) * cost.athena_tb,
    'KMS requests': (billed.kms / 10_000) * cost.kms_ten_thousand,
    Logs: (billed.logs / 1e9) * cost.logs_gb,
    'Security Hub': billed.paidFindings * cost.finding,
  }
}

/** Dollars in all. */
export function total(dollars: Record<string, number>): number {
  return Object.values(dollars).reduce((sum, amount) => sum + amount, 0)
}
