import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openDuckdb } from '../../lib/engine/duckdb.ts'
import { lakeTables, loadSources } from '../../lib/sources.ts'

interface Operator {
  name: string
  extra_info: Record<string, string | undefined>
  children: Operator[]
}

/**
 * The outer joins of a run's statements that DuckDB does by comparing each row with each, by the control whose statement it is: those that
 * ask for more than equality between a column of the one side and one of the other. (Of an inner join it takes the rest as a filter.)
 */
export async function joinsRowByRow(lake: string, runId: string): Promise<Record<string, string>> {
  const text = await readFile(join(lake, 'runs', runId, 'queries.jsonl'), 'utf8')
  const engine = await openDuckdb({ lake, tables: lakeTables(await loadSources()) })
  const found: Record<string, string> = {}
  try {
    for (const line of text.trim().split('\n')) {
      const { control_id, sql }: { control_id?: string; sql: string } = JSON.parse(line)
      const { rows } = await engine.query(`explain (format json) ${sql}`)
      const visit = ({ name, extra_info: info, children }: Operator): void => {
        const outer = info['Join Type'] !== 'INNER'
        if (/NL_JOIN|NESTED_LOOP/.test(name) && outer && !/like_escape/.test(info.Condition ?? ''))
          found[control_id ?? 'scores'] = String(info.Condition ?? info.Conditions)
        children.forEach(visit)
      }
      const plan: Operator[] = JSON.parse(String(rows[0]?.explain_value))
      plan.forEach(visit)
    }
  } finally {
    engine.close()
  }
  return found
}
