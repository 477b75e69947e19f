import { globSync } from 'node:fs'
import { cp, readFile, rm, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuditResult } from '../../lib/audit.ts'
import type { Output } from '../../lib/cli/output.ts'
import { runQuery } from '../../lib/cli/query.ts'
import { runReport } from '../../lib/cli/report.ts'
import { renderSummary } from '../../lib/report/terminal.ts'
import { openStage, type Stage } from '../securityhub/stage.ts'
import { askLake, findingsOf, temporaryFolder } from '../support/simulated.ts'

/** Reads less, resource by resource, than there is: the rest comes from the run before. */
const SPARING = { per_item_calls: 1 } as const
const FACT = 's3_bucket_encryption'

function outputOf() {
  const said = { printed: '', noted: [] as string[] }
  const output: Output = {
    print: (text) => {
      said.printed += text
    },
    note: (text) => {
      said.noted.push(text)
    },
    interactive: false,
    colour: false,
    width: 100,
  }
  return { said, output }
}

describe('a run in a lake where files of the run before are damaged', () => {
  let stage: Stage
  let first: AuditResult
  let whole: string
  let undisturbed: Awaited<ReturnType<typeof findingsOf>>

  /** Cuts a file off in the middle, as a full disk or an interrupted copy leaves it. */
  async function cut(place: string, runId = first.run_id): Promise<string> {
    const [file = ''] = globSync(join(stage.lake, place, `run_id=${runId}`, '**/*.parquet'))
    await truncate(file, Math.floor((await stat(file)).size / 2))
    return file
  }

  /** The lake as it was after the first run. */
  async function restore(): Promise<void> {
    await rm(stage.lake, { recursive: true })
    await cp(whole, stage.lake, { recursive: true })
  }

  const ask = (sql: string) => askLake(stage.lake, sql)
  const carried = ({ run_id }: AuditResult) =>
    ask(`select distinct table_name from lake.carried_evidence__run_${run_id.replace('-', '_')}`)
  const query = (sql: string, run: string) => {
    const { said, output } = outputOf()
    const flags = { query: sql, lake: stage.lake, run, format: 'json' as const }
    return runQuery(flags, output, { input: process.stdin }).then(() => JSON.parse(said.printed))
  }

  beforeAll(async () => {
    stage = await openStage()
    first = await stage.audit()
    await stage.publish(first.run_id)
    whole = await temporaryFolder()
    await cp(stage.lake, whole, { recursive: true })
    stage.pass(1)
    const second = await stage.audit(SPARING)
    expect((await carried(second)).map(({ table_name }) => table_name)).toContain(FACT)
    expect(second.summary.damaged).toBeUndefined()
    undisturbed = await findingsOf(stage.lake, second.run_id)
  })
  afterAll(() => stage.close())

  test('takes nothing from them, says so, and judges all else as ever', async () => {
    await restore()
    // What evidence is carried from, what the trend is drawn from, and what only its own run asks for.
    const fact = await cut(`inventory/${FACT}`)
    const settings = await cut('inventory/settings')
    const vaults = await cut('inventory/backup_vaults')
    const { run_id, summary } = await stage.audit(SPARING)

    expect(summary.damaged?.map(({ file }) => file).sort()).toEqual([fact, settings].sort())
    expect(new Set(summary.damaged?.map((one) => one.run_id))).toEqual(new Set([first.run_id]))
    const path = join(stage.lake, 'reports', run_id, 'summary.json')
    expect(JSON.parse(await readFile(path, 'utf8')).damaged).toEqual(summary.damaged)
    expect(renderSummary(summary, { width: 100, colour: false })).toContain(
      `Warning: cannot read ${fact}, of an earlier run`,
    )

    const tables = (await query('select distinct table_name from carried_evidence', run_id)).map(
      (row: { table_name: string }) => row.table_name,
    )
    expect(tables.length).toBeGreaterThan(3)
    expect(tables).not.toContain(FACT)
    const gaps = await query(
      `select distinct cause from gaps where table_name = '${FACT}' and resource_arn is not null`,
      run_id,
    )
    expect(gaps).toEqual([{ cause: 'budget' }])

    const before = new Map(undisturbed.map((one) => [one.finding_id, one]))
    const found = await findingsOf(stage.lake, run_id)
    const differing = found.filter((one) => before.get(one.finding_id)?.status !== one.status)
    expect(differing.length).toBeGreaterThan(0)
    expect(
      differing.filter(
        ({ status, reason }) =>
          status !== 'unknown' || !reason.includes(`${FACT} of `) || !reason.includes('(budget)'),
      ),
    ).toEqual([])

    // A question to one run opens that run's files; one across runs names the file that it cannot read.
    expect(await query('backups-by-key-manager', run_id)).toBeInstanceOf(Array)
    await expect(query('select count(*) as n from lake.backup_vaults', run_id)).rejects.toThrow(
      `the query failed: cannot read ${vaults}`,
    )
    await expect(query('select vault_name from backup_vaults', first.run_id)).rejects.toThrow(
      `cannot read ${vaults}`,
    )
    await expect(query('select no_such_column from backup_vaults', run_id)).rejects.toThrow(
      /no_such_column/,
    )

    const { said, output } = outputOf()
    await runReport({ lake: stage.lake, run: run_id }, output)
    expect(said.noted).toEqual([expect.stringContaining(`cannot read ${settings}`)])

    await publishes(run_id)
  })

  /** Only what the newest publication left is asked; without it nobody knows what the hubs hold. */
  async function publishes(runId: string): Promise<void> {
    const state = await cut('hub_state')
    await expect(stage.publish(runId)).rejects.toThrow(`cannot read ${state}`)
    await cp(join(whole, 'hub_state'), join(stage.lake, 'hub_state'), { recursive: true })
    expect((await stage.publish(runId)).refused).toBe(0)
    await cut('hub_state')
    expect((await stage.publish(runId)).sent).toBe(0)
    await cut('hub_state', runId)
    await expect(stage.publish(runId)).rejects.toThrow('cannot read')
  }

  test('carries nothing at all where what was read when is lost', async () => {
    await restore()
    const reads = await cut('inventory/item_reads')
    const { run_id, summary } = await stage.audit(SPARING)
    expect(summary.damaged?.map(({ file }) => file)).toEqual([reads])
    expect(await query('select * from carried_evidence', run_id)).toEqual([])
    const before = new Map(undisturbed.map((one) => [one.finding_id, one.status]))
    const found = await findingsOf(stage.lake, run_id)
    const differing = found.filter((one) => before.get(one.finding_id) !== one.status)
    expect(differing.length).toBeGreaterThan(0)
    expect([...new Set(differing.map(({ status }) => status))]).toEqual(['unknown'])
  })
})
