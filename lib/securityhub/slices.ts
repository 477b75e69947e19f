import { literal, type Value } from '../engine/engine.ts'

/** A finding's own account and Region, not the hub's that it is sent to. */
interface Place {
  account_id: string
  region: string
}

/**
 * Findings of neighbouring accounts and Regions: from the one place on, up to and without the other. A finding is compared with what
 * a hub holds under its own id, which names its account and Region, so that no slice needs rows of another one.
 */
export interface Slice {
  from?: Place
  below?: Place
}

/** Everything at once. */
export const WHOLE: Slice = {}

/**
 * Findings of one slice, judged or held. Measured: DuckDB takes 260 MB to compare 80,000 in one statement, which it cannot spill to
 * disk, and some 100 MB to compare 10,000.
 */
export const SLICE_FINDINGS = 10_000

/**
 * Cuts counted places, in their order, into slices that hold at least so many findings each and end with an account's Region. What
 * was not counted is in one of them all the same: the first has no beginning and the last no end.
 */
export function sliced(counts: Record<string, Value>[], findings = SLICE_FINDINGS): Slice[] {
  const cuts: Place[] = []
  let held = 0
  for (const { account_id, region, n } of counts) {
    if (held >= findings) {
      cuts.push({ account_id: String(account_id), region: String(region) })
      held = 0
    }
    held += Number(n)
  }
  return [undefined, ...cuts].map((from, index) => ({
    ...(from ? { from } : {}),
    ...(cuts[index] ? { below: cuts[index] } : {}),
  }))
}

/** The condition that a row is in the slice. The first term of each half is what Parquet's statistics can answer. */
export function inSlice({ from, below }: Slice): string {
  const conditions = ['1 = 1']
  if (from) {
    const [account, region] = [literal(from.account_id), literal(from.region)]
    conditions.push(`account_id >= ${account} and (account_id > ${account} or region >= ${region})`)
  }
  if (below) {
    const [account, region] = [literal(below.account_id), literal(below.region)]
    conditions.push(`account_id <= ${account} and (account_id < ${account} or region < ${region})`)
  }
  return conditions.join(' and ')
}
