import {
  type AthenaClient,
  type ColumnInfo,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  type GetQueryResultsOutput,
  GetQueryRuntimeStatisticsCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena'
import { addPartitionSql, checkStatement, unloadSql } from './athena-sql.ts'
import { athenaDialect, type Engine, type QueryResult, type Value } from './engine.ts'

export interface AthenaOptions {
  client: AthenaClient
  /** The Glue database of the lake. */
  database: string
  /** The workgroup; it decides where results go, how they are encrypted and how much may be read. */
  workgroup: string
  /** Waits between two looks at a query. */
  sleep(milliseconds: number): Promise<void>
  /** Ends the wait: the query is then cancelled. */
  signal?: AbortSignal
  /** Knows what statements read, where no parser is at hand. */
  inspect?: Engine['inspect']
}

/** A statement that Athena could not run. */
export class AthenaError extends Error {
  override name = 'AthenaError'
}

/** How long to wait between two looks: a statement takes a second at least, and an account has few requests a second. */
const FIRST_LOOK_MS = 500
const LONGEST_LOOK_MS = 5_000

/** The lake in AWS, asked through Athena engine v3. */
export function openAthena(options: AthenaOptions): Engine {
  const { client, database } = options
  return {
    dialect: athenaDialect(database),
    async query(sql) {
      const result: QueryResult = { columns: [], rows: [] }
      for await (const page of pagesOf(client, await execute(options, sql))) {
        result.columns = page.columns
        result.rows.push(...page.rows)
      }
      return result
    },
    async *stream(sql) {
      for await (const page of pagesOf(client, await execute(options, sql))) yield page.rows
    },
    async copyToParquet(sql, folder) {
      const QueryExecutionId = await execute(options, unloadSql(sql, folder))
      const { QueryRuntimeStatistics: statistics } = await client.send(
        new GetQueryRuntimeStatisticsCommand({ QueryExecutionId }),
      )
      return statistics?.Rows?.OutputRows ?? 0
    },
    async register(table, keys, folder) {
      await execute(options, addPartitionSql(table, keys, folder))
    },
    ...(options.inspect ? { inspect: options.inspect } : {}),
    close: () => undefined,
  }
}

/** Runs a statement to its end and answers the id of its execution. */
async function execute(options: AthenaOptions, sql: string): Promise<string> {
  const { client, database, workgroup, sleep, signal } = options
  const { QueryExecutionId } = await client.send(
    new StartQueryExecutionCommand({
      QueryString: checkStatement('statement', sql),
      QueryExecutionContext: { Database: database },
      WorkGroup: workgroup,
    }),
  )
  if (!QueryExecutionId) throw new AthenaError('athena:StartQueryExecution answered no id')
  for (let wait = FIRST_LOOK_MS; ; wait = Math.min(wait * 1.5, LONGEST_LOOK_MS)) {
    if (signal?.aborted) {
      await client.send(new StopQueryExecutionCommand({ QueryExecutionId }))
      signal.throwIfAborted()
    }
    const { QueryExecution } = await client.send(new GetQueryExecutionCommand({ QueryExecutionId }))
    const { State, StateChangeReason } = QueryExecution?.Status ?? {}
    if (State === 'SUCCEEDED') return QueryExecutionId
    if (State === 'FAILED' || State === 'CANCELLED') {
      const why = StateChangeReason ?? 'Athena gives no reason'
      throw new AthenaError(`query ${QueryExecutionId} ${State.toLowerCase()}: ${why}`)
    }
    await sleep(wait)
  }
}

/** The pages of a result. The first row of a SELECT's first page repeats the columns' names. */
async function* pagesOf(
  client: AthenaClient,
  QueryExecutionId: string,
): AsyncGenerator<QueryResult> {
  let NextToken: string | undefined
  let first = true
  do {
    const page: GetQueryResultsOutput = await client.send(
      new GetQueryResultsCommand({ QueryExecutionId, MaxResults: 1000, NextToken }),
    )
    const info = page.ResultSet?.ResultSetMetadata?.ColumnInfo ?? []
    const columns = info.map(({ Name = '' }) => Name)
    const cells = (page.ResultSet?.Rows ?? []).map(({ Data = [] }) =>
      Data.map(({ VarCharValue }) => VarCharValue),
    )
    const header = first && cells[0]?.every((cell, index) => cell === columns[index])
    yield { columns, rows: (header ? cells.slice(1) : cells).map((row) => rowOf(info, row)) }
    first = false
    NextToken = page.NextToken
  } while (NextToken)
}

function rowOf(info: ColumnInfo[], cells: (string | undefined)[]): Record<string, Value> {
  return Object.fromEntries(
    info.map(({ Name = '', Type = '' }, index) => [Name, typedValue(Type, cells[index])]),
  )
}

/** Athena answers text, whatever the column's type. A cell without text is null. */
function typedValue(type: string, text: string | undefined): Value {
  if (text === undefined) return null
  if (type === 'boolean') return text === 'true'
  if (['tinyint', 'smallint', 'integer', 'double', 'float', 'real'].includes(type)) {
    return Number(text)
  }
  if (type === 'bigint') {
    const value = BigInt(text)
    return Number.isSafeInteger(Number(value)) ? Number(value) : value
  }
  if (type === 'timestamp') return new Date(`${text.replace(' ', 'T')}Z`)
  return text
}
