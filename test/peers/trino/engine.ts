import { setTimeout as delay } from 'node:timers/promises'
import {
  athenaDialect,
  type Engine,
  type QueryResult,
  type Value,
} from '../../../lib/engine/engine.ts'

/** The part that is read of what Trino answers to a statement. */
interface Page {
  id: string
  nextUri?: string
  columns?: { name: string; type: string }[]
  data?: unknown[][]
  updateCount?: number
  error?: { errorName: string; message: string }
}

export interface Trino extends Engine {
  /** Runs a statement and answers its rows, and how many it wrote. */
  run(sql: string): Promise<QueryResult & { written: number }>
}

/** A statement that Trino refused. */
export class TrinoError extends Error {
  override name = 'TrinoError'
  /** Trino's own name of it, such as `SYNTAX_ERROR`. */
  readonly code: string

  constructor({ errorName, message }: { errorName: string; message: string }, sql: string) {
    super(`${errorName}: ${message}\n${sql.slice(0, 2000)}`)
    this.code = errorName
  }
}

/** How often a server is asked again that has only just started, and does not count itself among its nodes yet. */
const PATIENCE = 60

/** Trino, asked over its protocol, as the engine that Athena is. */
export function openTrino(url: string, schema: string): Trino {
  async function run(sql: string): Promise<QueryResult & { written: number }> {
    for (let asked = 1; ; asked++) {
      try {
        return await runOnce(sql)
      } catch (error) {
        const starting = error instanceof TrinoError && error.code === 'NO_NODES_AVAILABLE'
        if (!starting || asked === PATIENCE) throw error
        await delay(500)
      }
    }
  }

  async function runOnce(sql: string): Promise<QueryResult & { written: number }> {
    const headers = {
      'X-Trino-User': 'peers',
      'X-Trino-Catalog': 'hive',
      'X-Trino-Schema': schema,
      'X-Trino-Time-Zone': 'UTC',
    }
    let page = await pageOf(fetch(`${url}/v1/statement`, { method: 'POST', headers, body: sql }))
    const rows: Record<string, Value>[] = []
    let { columns = [] } = page
    for (;;) {
      if (page.error) throw new TrinoError(page.error, sql)
      columns = page.columns ?? columns
      for (const values of page.data ?? []) {
        rows.push(
          Object.fromEntries(
            columns.map(({ name, type }, n) => [name, plainValue(type, values[n])]),
          ),
        )
      }
      if (!page.nextUri) break
      page = await pageOf(fetch(page.nextUri, { headers }))
    }
    return { columns: columns.map(({ name }) => name), rows, written: page.updateCount ?? 0 }
  }
  return {
    dialect: athenaDialect(schema),
    run,
    async query(sql) {
      const { columns, rows } = await run(sql)
      return { columns, rows }
    },
    async *stream(sql) {
      yield (await run(sql)).rows
    },
    copyToParquet: () => Promise.reject(new Error('Athena unloads; see athena-statements.ts')),
    close: () => undefined,
  }
}

async function pageOf(answering: Promise<Response>): Promise<Page> {
  const answer = await answering
  if (!answer.ok) throw new Error(`Trino answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as Page
}

function plainValue(type: string, value: unknown): Value {
  if (value === null) return null
  if (type.startsWith('timestamp')) return new Date(`${String(value).replace(' ', 'T')}Z`)
  if (typeof value === 'number' && type !== 'double' && !Number.isSafeInteger(value)) {
    throw new Error(`${value} is too large to be compared`)
  }
  // NaN and the infinities come as text, and are no numbers of ours.
  if (type === 'double' && typeof value !== 'number') throw new Error(`a double is ${value}`)
  // Decimals come as text; only the differences have any.
  return type.startsWith('decimal') ? Number(value) : (value as Value)
}
