import type { AthenaClient } from '@aws-sdk/client-athena'
import { describe, expect, test } from 'vitest'
import { openAthena } from '../../lib/engine/athena.ts'
import {
  addPartitionSql,
  checkStatement,
  latestViewSql,
  stagedSql,
  unloadSql,
} from '../../lib/engine/athena-sql.ts'
import { athenaDialect } from '../../lib/engine/engine.ts'
import { runTables } from '../../lib/lake/run-tables.ts'

interface Sent {
  name: string
  input: Record<string, unknown>
}

/** An Athena that takes two looks to finish and answers pages. */
function fakeAthena(pages: object[], end: object = { State: 'SUCCEEDED' }) {
  const sent: Sent[] = []
  const waits: number[] = []
  let looks = 0
  const answers: Record<string, () => object> = {
    StartQueryExecutionCommand: () => ({ QueryExecutionId: 'q-1' }),
    GetQueryExecutionCommand: () => ({
      QueryExecution: { Status: ++looks < 3 ? { State: 'RUNNING' } : end },
    }),
    GetQueryResultsCommand: () => pages.shift() ?? {},
    GetQueryRuntimeStatisticsCommand: () => ({
      QueryRuntimeStatistics: { Rows: { OutputRows: 7 } },
    }),
    StopQueryExecutionCommand: () => ({}),
  }
  const send = async (command: { constructor: { name: string }; input: Sent['input'] }) => {
    sent.push({ name: command.constructor.name, input: command.input })
    return answers[command.constructor.name]?.()
  }
  const options = {
    client: { send } as unknown as AthenaClient,
    database: 'strongroom',
    workgroup: 'strongroom',
    sleep: async (wait: number) => void waits.push(wait),
  }
  return { sent, waits, options }
}

const ColumnInfo = [
  { Name: 'name', Type: 'varchar' },
  { Name: 'n', Type: 'bigint' },
  { Name: 'share', Type: 'double' },
  { Name: 'locked', Type: 'boolean' },
  { Name: 'as_of', Type: 'timestamp' },
]

function page(rows: (string | undefined)[][], NextToken?: string) {
  const Rows = rows.map((cells) => ({ Data: cells.map((VarCharValue) => ({ VarCharValue })) }))
  return { ResultSet: { ResultSetMetadata: { ColumnInfo }, Rows }, NextToken }
}

const header = ['name', 'n', 'share', 'locked', 'as_of']
const first = ['a', '12', '0.5', 'true', '2026-11-23 07:45:00.000']
const last = ['', '9007199254740993', undefined, 'false', undefined]

describe('the Athena engine', () => {
  test('waits for a query and reads all pages, each value by its type', async () => {
    const { sent, waits, options } = fakeAthena([page([header, first], 'next'), page([last])])
    expect(await openAthena(options).query('select 1')).toEqual({
      columns: header,
      rows: [
        { name: 'a', n: 12, share: 0.5, locked: true, as_of: new Date('2026-11-23T07:45:00Z') },
        { name: '', n: 9007199254740993n, share: null, locked: false, as_of: null },
      ],
    })
    expect(waits).toEqual([500, 750])
    expect(sent[0]?.input).toEqual({
      QueryString: 'select 1',
      QueryExecutionContext: { Database: 'strongroom' },
      WorkGroup: 'strongroom',
    })
    expect(sent.at(-1)?.input).toMatchObject({ QueryExecutionId: 'q-1', NextToken: 'next' })
  })

  test('streams page by page', async () => {
    const { options } = fakeAthena([page([header, first], 'next'), page([last])])
    const sizes: number[] = []
    for await (const rows of openAthena(options).stream('select 1')) sizes.push(rows.length)
    expect(sizes).toEqual([1, 1])
  })

  test('writes Parquet by UNLOAD', async () => {
    const { sent, options } = fakeAthena([])
    expect(await openAthena(options).copyToParquet('select 1', 's3://lake/x/1')).toBe(7)
    expect(sent[0]?.input.QueryString).toBe(
      "UNLOAD (select 1) TO 's3://lake/x/1/' WITH (format = 'PARQUET', compression = 'GZIP')",
    )
  })

  test('says why a query failed', async () => {
    const end = { State: 'FAILED', StateChangeReason: 'SYNTAX_ERROR: line 1' }
    const { options } = fakeAthena([], end)
    await expect(openAthena(options).query('selec')).rejects.toThrow(
      'query q-1 failed: SYNTAX_ERROR: line 1',
    )
  })

  test('cancels the query when nobody waits any more', async () => {
    const { sent, options } = fakeAthena([])
    const signal = AbortSignal.abort(new Error('interrupted'))
    await expect(openAthena({ ...options, signal }).query('select 1')).rejects.toThrow(
      'interrupted',
    )
    expect(sent.map(({ name }) => name)).toContain('StopQueryExecutionCommand')
  })
})

describe('the SQL of Athena', () => {
  const { sha256Hex, lakeTable, joined } = athenaDialect('strongroom')

  test('dialect', () => {
    expect(sha256Hex('a')).toBe('lower(to_hex(sha256(to_utf8(a))))')
    expect(lakeTable('kms_keys')).toBe('"strongroom"."kms_keys"')
    expect(joined('a')).toBe("array_join(array_agg(distinct a order by a), ', ')")
  })

  test('statements', () => {
    const run = '20261123T074500Z-4f9c21'
    expect(addPartitionSql('findings', { run_id: run, control_id: 'a' }, 's3://lake/f')).toBe(
      `ALTER TABLE \`findings\` ADD IF NOT EXISTS PARTITION (run_id = '${run}', control_id = 'a') LOCATION 's3://lake/f/'`,
    )
    expect(latestViewSql('gaps', run)).toBe(
      `CREATE OR REPLACE VIEW "latest_gaps" AS SELECT * FROM "gaps" WHERE run_id = '${run}'`,
    )
    const options = { database: 'strongroom', lake: 's3://lake', runId: run }
    expect(stagedSql('regions', runTables.regions, options)).toBe(
      `select "account_id", "region", "observed_at" from "strongroom"."staging_regions"
where run_id = '${run}' and "$path" in (
  select 's3://lake/' || object from "strongroom"."staging_staged_objects"
  where run_id = '${run}' and table_name = 'regions')`,
    )
    expect(unloadSql("select 'a'", 's3://lake/x')).toContain("(select 'a')")
  })

  test('a statement that Athena would refuse for its length is refused before', () => {
    expect(() => checkStatement('x', ' '.repeat(262_145))).toThrow('x: 262145 bytes of SQL')
  })
})
