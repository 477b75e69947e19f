import { type Answer, type Slice, sliceKey, slicesThatCount } from './collect/answer.ts'
import type { TableSource } from './collectors/collector.ts'
import type { Config } from './config/schema.ts'
import { type Control, weights } from './engine/controls.ts'
import type { Lake } from './lake/lake.ts'
import { createParquetFile, writeParquet } from './lake/parquet.ts'
import { type CoverageTable, runTables } from './lake/run-tables.ts'
import { countRows, countSlice, type Staged } from './lake/staged.ts'
import type { StoredRow } from './lake/table.ts'
import type { Run } from './run.ts'

export interface ReconcileOptions {
  lake: Lake
  run: Run
  config: Config
  /** Collectors and derivations, by name. */
  sources: Map<string, TableSource>
  /** Names of those that the run asked for. */
  requested: ReadonlySet<string>
  controls: Control[]
}

/**
 * Makes tables of what the run knows of itself (scope, settings, answers, gaps) and lists the staged objects that an answer names.
 * One that no answer names, such as a late attempt's, does not count.
 * @param options.answers account by account, so that memory does not grow with the organization
 */
export async function reconcile(
  options: ReconcileOptions & { answers: AsyncIterable<Answer[]> },
): Promise<Staged> {
  const { lake, run } = options
  const objectOf = (table: RunTableName) => `staging/${run.run_id}/${table}/run.parquet`
  const staged: Staged = new Map()
  const counted = (table: RunTableName, rows: number) =>
    countRows(staged, { table, object: objectOf(table), rows })
  for (const [name, rows] of Object.entries(rowsOfRun(options))) {
    const table = name as keyof ReturnType<typeof rowsOfRun>
    await lake.place(objectOf(table), (path) => writeParquet(runTables[table], path, rows))
    counted(table, rows.length)
  }
  await lake.place(objectOf('answers'), (answers) =>
    lake.place(objectOf('gaps'), async (gaps) => {
      const rows = await streamAnswers({ answers, gaps }, staged, options)
      counted('answers', rows.answers)
      counted('gaps', rows.gaps)
    }),
  )
  return staged
}

/** Fills the files of answers and of gaps, counts in `staged` what the slices staged, and answers the rows of both files. */
async function streamAnswers(
  paths: { answers: string; gaps: string },
  staged: Staged,
  { answers, sources }: Parameters<typeof reconcile>[0],
): Promise<{ answers: number; gaps: number }> {
  const files = {
    answers: await createParquetFile(runTables.answers, paths.answers),
    gaps: await createParquetFile(runTables.gaps, paths.gaps),
  }
  const rows = { answers: 0, gaps: 0 }
  const append = (file: keyof typeof files, row: StoredRow) => {
    rows[file]++
    return files[file].append(row)
  }
  try {
    for await (const ofAccount of answers) {
      const slices = slicesThatCount(ofAccount)
      for (const slice of slices) countSlice(staged, slice)
      for (const row of rowsOfAnswers(ofAccount, slices, sources)) await append('answers', row)
      for (const row of rowsOfGaps(slices)) await append('gaps', row)
    }
    for (const file of Object.values(files)) await file.commit()
    return rows
  } catch (error) {
    for (const file of Object.values(files)) await file.discard()
    throw error
  }
}

/** Rows that say nothing else belong to the account the audit ran from, in no Region, as of the run's clock. */
function withScope(rows: StoredRow[], { run }: Pick<ReconcileOptions, 'run'>): StoredRow[] {
  return rows.map((row) => ({
    account_id: run.discovery.caller_account_id,
    region: 'global',
    observed_at: new Date(run.as_of),
    ...row,
  }))
}

type RunTableName = Exclude<
  keyof typeof runTables,
  CoverageTable | 'item_reads' | 'carried_evidence'
>

/** What the run says of itself, apart from its answers: a few rows for each account at most. */
export function rowsOfRun(
  options: ReconcileOptions,
): Record<Exclude<RunTableName, 'answers' | 'gaps'>, StoredRow[]> {
  const tables = { ...rowsOfScope(options), ...rowsOfJudgement(options) }
  for (const [table, rows] of Object.entries(tables)) {
    tables[table as keyof typeof tables] = withScope(rows, options) as never
  }
  return tables
}

/** The gaps of the slices that count, one row each. */
export function rowsOfGaps(slices: Slice[]): StoredRow[] {
  return slices.flatMap((slice) =>
    slice.gaps.map((gap) => ({ ...gap, observed_at: new Date(slice.finished_at) })),
  )
}

function rowsOfScope({ run, sources, requested }: ReconcileOptions) {
  const { accounts, regions } = run.discovery
  return {
    accounts: accounts.map(({ not_audited_reason, ...account }) => ({
      ...account,
      audited: not_audited_reason === null,
      not_audited_reason,
    })),
    account_ous: accounts.flatMap(({ account_id, ou_path }) => ousOf(account_id, ou_path)),
    regions: regions.map((region) => ({ region })),
    collectors: [...sources].map(([collector, { service, scope }]) => ({
      collector,
      service,
      scope,
      requested: requested.has(collector),
    })),
    collector_tables: [...sources].flatMap(([collector, { tables }]) =>
      Object.keys(tables).map((table_name) => ({ table_name, collector })),
    ),
  }
}

/** The root and every OU above an account, from `o-…/r-…/ou-…/`. */
function ousOf(account_id: string, path: string | null): StoredRow[] {
  const parts = (path ?? '').split('/').filter(Boolean)
  return parts
    .map((ou_id, index) => ({
      account_id,
      ou_id,
      ou_path: `${parts.slice(0, index + 1).join('/')}/`,
    }))
    .filter(({ ou_id }) => !ou_id.startsWith('o-'))
}

function rowsOfJudgement({ run, config, controls }: ReconcileOptions) {
  const {
    critical_tag,
    isolation_required,
    break_glass_principals: _principals,
    backup_data_readers: _readers,
    scp_exempt_accounts: _exempt,
    ...settings
  } = config.settings
  const [criticalKey, criticalValue] = critical_tag?.split('=', 2) ?? []
  const own = run.discovery.accounts.map((account) => account.account_id)
  return {
    settings: [
      {
        as_of: new Date(run.as_of),
        ...settings,
        critical_tag_key: criticalKey ?? null,
        critical_tag_value: criticalValue ?? null,
        scope_complete: run.scope_complete,
      },
    ],
    trusted_accounts: [...new Set([...own, ...config.trusted_accounts])].map(
      (trusted_account_id) => ({ trusted_account_id }),
    ),
    isolation_required: run.discovery.accounts
      .filter(({ account_id, ou_path }) =>
        [account_id, ...(ou_path ?? '').split('/')].some((id) => isolation_required.includes(id)),
      )
      .map(({ account_id }) => ({ isolated_account_id: account_id })),
    waivers: config.waivers.map((waiver, index) => ({
      waiver_id: `waiver-${index + 1}`,
      control_id: waiver.control,
      waived_account_id: waiver.account ?? '*',
      waived_ou_id: waiver.ou ?? '*',
      resource_pattern: likePattern(waiver.resource),
      owner: waiver.owner,
      reason: waiver.reason,
      expires_at: new Date(`${waiver.expires}T00:00:00Z`),
    })),
    controls: controls.map(({ id, title, family, severity }) => ({
      control_id: id,
      title,
      family,
      severity,
      weight: weights[severity],
    })),
  }
}

/** A glob as an SQL LIKE pattern that escapes by a backslash. */
function likePattern(glob: string): string {
  return glob
    .replaceAll(/[\\%_]/g, String.raw`\$&`)
    .replaceAll('*', '%')
    .replaceAll('?', '_')
}

/** The slices that count, one row each, with the answer that they are from. */
export function rowsOfAnswers(
  answers: Answer[],
  slices: Slice[],
  sources: Map<string, TableSource>,
): StoredRow[] {
  const named = (slice: Slice) => `${sliceKey(slice)} ${slice.attempt}`
  const units = new Map(
    answers.flatMap((answer) => answer.slices.map((slice) => [named(slice), answer])),
  )
  return slices.map((slice) => {
    const { account_id, region, collector, status, cause, detail, attempt } = slice
    const { calls, retries, throttles, started_at, finished_at } = slice
    const answer = units.get(named(slice))
    return {
      account_id,
      region,
      observed_at: new Date(finished_at),
      unit: answer?.unit,
      pass: answer?.pass,
      attempt,
      collector,
      status,
      cause,
      detail,
      calls,
      retries,
      throttles,
      rows: Object.values(slice.rows).reduce((sum, count) => sum + count, 0),
      resources: resourcesIn(slice, sources.get(collector)),
      seconds: (Date.parse(finished_at) - Date.parse(started_at)) / 1000,
    }
  })
}

/** A table of resources has their ARN; what has none are settings of the cell. */
function resourcesIn(slice: Slice, source: TableSource | undefined): number {
  return Object.entries(slice.rows)
    .filter(([table]) => source?.tables[table]?.columns.arn)
    .reduce((sum, [, count]) => sum + count, 0)
}
