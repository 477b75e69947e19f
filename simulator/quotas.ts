import type { Rate } from './operations/operation.ts'

interface Bucket {
  tokens: number
  at: number
}

/** Token buckets per account, Region and API. */
export class Quotas {
  readonly #buckets = new Map<string, Bucket>()
  readonly #now: () => number

  /** `now` is in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Takes a token from each bucket; false, and nothing taken, when one is empty. */
  take(account: string, region: string, rates: Rate[]): boolean {
    const now = this.#now()
    const buckets = rates.map((rate) =>
      this.#filled(`${account}/${region}/${rate.group}`, rate, now),
    )
    if (buckets.some((bucket) => bucket.tokens < 1)) return false
    for (const bucket of buckets) bucket.tokens -= 1
    return true
  }

  #filled(name: string, rate: Rate, now: number): Bucket {
    let bucket = this.#buckets.get(name)
    if (bucket === undefined) {
      bucket = { tokens: rate.burst, at: now }
      this.#buckets.set(name, bucket)
    }
    const gained = ((now - bucket.at) / 1000) * rate.perSecond
    bucket.tokens = Math.min(rate.burst, bucket.tokens + gained)
    bucket.at = now
    return bucket
  }
}
