import type { Answer } from '../../lib/collect/answer.ts'
import { listAnswers } from '../../lib/collect/run-answers.ts'
import type { Lake } from '../../lib/lake/lake.ts'

/** Every answer of a run. */
export async function allAnswers(lake: Lake, runId: string): Promise<Answer[]> {
  const answers = await listAnswers(lake, runId)
  return (await Promise.all(answers.accounts.map(answers.of))).flat()
}
