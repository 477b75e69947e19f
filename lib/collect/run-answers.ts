import type { Lake } from '../lake/lake.ts'
import { type Answer, parseAnswer } from './answer.ts'

/** The answers of a run, read an account at a time: those of a large organization are gigabytes when all are held. */
export interface RunAnswers {
  /** Accounts that anything was answered for, in the order of their ids. */
  accounts: readonly string[]
  /** The last pass that anything was answered in; 0 where nothing was. */
  lastPass: number
  /** Whether a unit was answered for in a pass. */
  has(answered: { unit: string; pass: number }): boolean
  /**
   * Every answer of an account, in the order of their names, what was derived of it included.
   * @throws Error that names the file which is no answer of this version
   */
  of(accountId: string): Promise<Answer[]>
}

/** A unit's name begins with its account's id. */
const NAME = /\/(?<unit>(?<account>[^-/]+)-[^/]+)-(?<pass>\d+)\.json$/

/**
 * Lists what a run has been answered until now.
 * @throws Error that names the file which by its name is no answer
 */
export async function listAnswers(lake: Lake, runId: string): Promise<RunAnswers> {
  const accounts = new Map<string, string[]>()
  const answered = new Set<string>()
  let lastPass = 0
  for (const name of await lake.list(`runs/${runId}/answers`)) {
    const { account, unit, pass } = NAME.exec(name)?.groups ?? {}
    if (!account) throw new Error(`${lake.path(name)} is not an answer of this version`)
    accounts.set(account, [...(accounts.get(account) ?? []), name])
    answered.add(`${unit} ${pass}`)
    lastPass = Math.max(lastPass, Number(pass))
  }
  return {
    accounts: [...accounts.keys()],
    lastPass,
    has: ({ unit, pass }) => answered.has(`${unit} ${pass}`),
    of: (accountId) =>
      Promise.all((accounts.get(accountId) ?? []).map((name) => readAnswer(lake, name))),
  }
}

async function readAnswer(lake: Lake, name: string): Promise<Answer> {
  try {
    return parseAnswer(await lake.read(name))
  } catch (cause) {
    throw new Error(`${lake.path(name)} is not an answer of this version`, { cause })
  }
}
