import { randomBytes } from 'node:crypto'
import pLimit from 'p-limit'
import { type Answer, parseAnswer, type Slice, slicesThatCount } from '../collect/answer.ts'
import { PASSES } from '../collect/passes.ts'
import { type DeriveOptions, deriveAccount } from './derive-account.ts'

/** Accounts that are derived at once: their inputs are held in memory. */
const ACCOUNTS_AT_ONCE = 4

/**
 * Derives every account that answered, each once: what an interrupted attempt has already derived is read back, unless more has been
 * read since. What was asked once for the whole organization is an input to each. Returns the answers that count for the derived tables.
 */
export async function deriveAccounts(
  answers: Answer[],
  options: Omit<DeriveOptions, 'attempt' | 'pass'>,
): Promise<Answer[]> {
  const collected = answers.filter(({ unit }) => !isDerived(unit))
  const accounts = new Map<string, Slice[]>()
  const shared: Slice[] = []
  for (const slice of slicesThatCount(collected)) {
    const scope = options.collectors.get(slice.collector)?.scope
    const slices = scope === 'organization' ? shared : (accounts.get(slice.account_id) ?? [])
    slices.push(slice)
    if (slices !== shared) accounts.set(slice.account_id, slices)
  }
  // What is read in three passes is derived once.
  const pass = Math.ceil(Math.max(1, ...collected.map((answer) => answer.pass)) / PASSES)
  const limit = pLimit(ACCOUNTS_AT_ONCE)
  return Promise.all(
    [...accounts].map(([accountId, slices]) =>
      limit(async () => {
        const name = `runs/${options.runId}/answers/${derivedUnit(accountId)}-${pass}.json`
        const held = answers.find(
          (answer) => answer.unit === derivedUnit(accountId) && answer.pass === pass,
        )
        if (held) return held
        const attempt = randomBytes(4).toString('hex')
        const answer = await deriveAccount(accountId, [...slices, ...shared], {
          ...options,
          attempt,
          pass,
        })
        const first = await options.lake.createIfAbsent(name, JSON.stringify(answer))
        return first ? answer : parseAnswer(await options.lake.read(name))
      }),
    ),
  )
}

/** The unit in whose name an account's derived tables are answered for. */
export function derivedUnit(accountId: string): string {
  return `${accountId}-derive`
}

export function isDerived(unit: string): boolean {
  return unit.endsWith('-derive')
}
