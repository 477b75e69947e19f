import { type Trino, TrinoError } from './engine.ts'
import { together } from './pipeline.ts'

/** Stages of a query that Athena takes; so does Trino as it comes. */
export const MOST_STAGES = 150

export interface Plan {
  name: string
  stages: number
}

/** Stages in which Trino would run a query; it runs nothing. */
export async function stagesOf(trino: Trino, sql: string): Promise<number> {
  const { rows } = await trino.query(`EXPLAIN (TYPE DISTRIBUTED) ${sql}`)
  const plan = String(Object.values(rows[0] ?? {})[0])
  const stages = plan.match(/^Fragment \d+ /gm)?.length
  if (!stages) throw new Error(`this is no plan: ${plan.slice(0, 500)}`)
  return stages
}

/**
 * Plans queries, each by its name, and answers the plan with the most stages.
 * @throws AggregateError of all that Trino refused, not of the first alone
 */
export async function planAll(
  trino: Trino,
  queries: { name: string; sql: string }[],
): Promise<Plan> {
  const refused: Error[] = []
  let largest: Plan = { name: 'none', stages: 0 }
  await together(queries, async ({ name, sql }) => {
    try {
      const stages = await stagesOf(trino, sql)
      if (stages > largest.stages) largest = { name, stages }
    } catch (error) {
      if (!(error instanceof TrinoError)) throw error
      refused.push(new Error(`${name}: ${error.message.slice(0, 500)}`))
    }
  })
  if (refused.length > 0) throw new AggregateError(refused, refused.map(String).join('\n'))
  return largest
}
