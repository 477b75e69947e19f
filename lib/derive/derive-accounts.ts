import { randomBytes } from 'node:crypto'
import pLimit from 'p-limit'
import { type Answer, parseAnswer, type Slice, slicesThatCount } from '../collect/answer.ts'
import { PASSES } from '../collect/passes.ts'
import type { RunAnswers } from '../collect/run-answers.ts'
import { type DeriveOptions, deriveAccount } from './derive-account.ts'

/** Accounts that are derived at once: their inputs are held in memory. */
const ACCOUNTS_AT_ONCE = 4

export interface DeriveOnceOptions extends Omit<DeriveOptions, 'attempt'> {
  /** What was asked once for the whole organization, an input to each account. */
  shared: readonly Slice[]
}

/** Derives every account that answered; its answer is in the lake then. */
export async function deriveAccounts(
  answers: RunAnswers,
  options: DeriveOnceOptions,
): Promise<void> {
  const limit = pLimit(ACCOUNTS_AT_ONCE)
  await Promise.all(
    answers.accounts.map((accountId) =>
      limit(async () => {
        await deriveOnce(accountId, await answers.of(accountId), options)
      }),
    ),
  )
}

/**
 * Derives one account once: what an interrupted attempt has already derived stands, unless more has been read since.
 * @param answers of the account, what was derived of it included
 * @returns the answer for the derived tables; undefined where nothing was read of the account itself
 */
export async function deriveOnce(
  accountId: string,
  answers: readonly Answer[],
  { shared, ...options }: DeriveOnceOptions,
): Promise<Answer | undefined> {
  const { lake, runId, pass, collectors } = options
  const unit = derivedUnit(accountId)
  const held = answers.find((answer) => answer.unit === unit && answer.pass === pass)
  if (held) return held
  const own = slicesThatCount(collectedOf(answers)).filter(
    (slice) => collectors.get(slice.collector)?.scope !== 'organization',
  )
  if (own.length === 0) return undefined
  const attempt = randomBytes(4).toString('hex')
  const answer = await deriveAccount(accountId, [...own, ...shared], { ...options, attempt })
  const name = `runs/${runId}/answers/${unit}-${pass}.json`
  const first = await lake.createIfAbsent(name, JSON.stringify(answer))
  return first ? answer : parseAnswer(await lake.read(name))
}

/** What was asked once for the whole organization, out of the answers of the account that was asked. */
export function sharedSlices(
  answers: readonly Answer[],
  collectors: DeriveOptions['collectors'],
): Slice[] {
  return slicesThatCount(collectedOf(answers)).filter(
    (slice) => collectors.get(slice.collector)?.scope === 'organization',
  )
}

function collectedOf(answers: readonly Answer[]): Answer[] {
  return answers.filter(({ unit }) => !isDerived(unit))
}

/** How often a run's accounts are derived, up to this pass of its collecting: what is read in three passes is derived once. */
export function derivationPass(lastPass: number): number {
  return Math.ceil(Math.max(1, lastPass) / PASSES)
}

/** The unit in whose name an account's derived tables are answered for. */
export function derivedUnit(accountId: string): string {
  return `${accountId}-derive`
}

export function isDerived(unit: string): boolean {
  return unit.endsWith('-derive')
}
