import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Answer, emptySlice, type Slice } from '../lib/collect/answer.ts'
import { loadConfig } from '../lib/config/load.ts'
import { loadControls } from '../lib/engine/controls.ts'
import { openDuckdb, sqlTypes } from '../lib/engine/duckdb.ts'
import { type Engine, literal } from '../lib/engine/engine.ts'
import { scoreRun } from '../lib/engine/score.ts'
import { compactRun, computeCoverage, inventoryPath } from '../lib/lake/compact.ts'
import { openLake } from '../lib/lake/lake.ts'
import { namesOf } from '../lib/lake/staged.ts'
import { reconcile } from '../lib/reconcile.ts'
import type { Run } from '../lib/run.ts'
import { chosenControls } from '../lib/scope.ts'
import { inventoryTables, lakeTables, loadSources, type Sources } from '../lib/sources.ts'
import { madeUpRun } from './made-up-run.ts'
import { timed } from './recovery-points.ts'
import { round } from './round.ts'

const REGIONS = ['eu-central-1', 'eu-west-1', 'us-east-1', 'us-west-2', 'ap-southeast-2']
const VAULTS = 4

export interface ScoreBenchmark {
  accounts: number
  recoveryPoints: number
  snapshots: number
  /** What DuckDB may take, as in the configuration. */
  memoryLimit: string
}

/** Judges a run whose many rows DuckDB made, by all controls, and reads the same files once from end to end. */
export async function scoreMany(size: ScoreBenchmark) {
  const lake = await mkdtemp(join(tmpdir(), 'strongroom-bench-'))
  const sources = await loadSources()
  const tables = lakeTables(sources)
  const limits = { memory_limit: size.memoryLimit, temp_directory: join(lake, 'spilled') }
  const engine = await openDuckdb({ lake, tables, limits })
  try {
    const run = madeUpRun(
      Array.from({ length: size.accounts }, (_, index) => accountId(index)),
      REGIONS,
    )
    const at = { lake, runId: run.run_id }
    await writeRunTables(engine, { ...at, run, sources })
    const files = await writeRows(engine, { ...at, size, sources })
    await computeCoverage(engine, { ...at, tables })
    const scanned = await timed(() => scan(engine, files))
    let counts = { findings: 0, scores: 0 }
    const controls = chosenControls(loadControls(), await loadConfig(undefined, {}))
    const scored = await timed(async () => {
      counts = await scoreRun(engine, { ...at, tables, controls, attempt: 'bench' })
    })
    const { rows } = await engine.query(
      `select status, count(*) as findings from lake.findings group by status order by status`,
    )
    return {
      ...size,
      parquet_mb: round(await megabytes(files)),
      scan_seconds: round(scanned),
      score_seconds: round(scored),
      times_a_scan: round(scored / scanned),
      ...counts,
      by_status: Object.fromEntries(rows.map(({ status, findings }) => [status, findings])),
      peak_resident_mb: round(process.resourceUsage().maxRSS / 1024),
    }
  } finally {
    engine.close()
    await rm(lake, { recursive: true, force: true })
  }
}

function accountId(index: number): string {
  return String(111_100_000_000 + index)
}

/** Everything was read, whatever it holds. */
async function writeRunTables(
  engine: Engine,
  { lake, runId, run, sources }: { lake: string; runId: string; run: Run; sources: Sources },
): Promise<void> {
  const config = await loadConfig(undefined, {})
  const staged = await reconcile({
    lake: openLake(lake),
    run,
    config,
    sources: sources.all,
    requested: new Set(sources.all.keys()),
    controls: loadControls(),
    answers: answersOf(run, sources),
  })
  const tables = inventoryTables(sources)
  const asOf = new Date(run.as_of)
  await compactRun(engine, { lake, runId, tables, staged: namesOf(staged), asOf, maxAgeDays: 30 })
}

async function* answersOf(run: Run, sources: Sources): AsyncGenerator<Answer[]> {
  for (const { account_id } of run.discovery.accounts) yield [answerOf(run, account_id, sources)]
}

function answerOf(run: Run, account_id: string, sources: Sources): Answer {
  const attempt = 'bench'
  const slices = [...sources.all].flatMap(([collector, { scope }]): Slice[] =>
    (scope === 'cell' ? REGIONS : ['global']).map((region) =>
      emptySlice({ account_id, region, collector, attempt }, new Date(run.as_of)),
    ),
  )
  const of = { run_id: run.run_id, unit: `${account_id}-1`, pass: 1, attempt, account_id }
  return { ...of, lost: false, slices }
}

/** The rows of four tables, spread over accounts, Regions, vaults and keys; answers their files. */
async function writeRows(
  engine: Engine,
  of: { lake: string; runId: string; size: ScoreBenchmark; sources: Sources },
): Promise<string[]> {
  const { accounts, recoveryPoints, snapshots } = of.size
  const cells = accounts * REGIONS.length
  const files: string[] = []
  const put = async (table: string, rows: number, values: Record<string, string>) => {
    const given: Record<string, string> = { ...cellOf(accounts), ...values }
    const selected = Object.entries(inventoryTables(of.sources)[table]?.columns ?? {}).map(
      ([name, { type }]) => `cast(${given[name] ?? 'null'} as ${sqlTypes[type]}) as ${name}`,
    )
    const path = inventoryPath(of.lake, table, of.runId)
    // Sorted as a run's are, since the cell changes with every row.
    const sql = `select ${selected.join(', ')} from range(${rows}) as t(n) order by account_id, region`
    await engine.copyToParquet(sql, path)
    files.push(path)
  }
  await put('backup_vaults', cells * VAULTS, {
    arn: vaultOf(`(n // ${cells})`),
    name: `'vault-' || (n // ${cells})`,
    vault_type: "'BACKUP_VAULT'",
    encryption_key_arn: KEY,
    recovery_point_count: '1000',
    locked: 'n % 3 = 0',
  })
  await put('kms_keys', cells, {
    arn: KEY,
    key_manager: "'CUSTOMER'",
    key_state: "'Enabled'",
  })
  await put('recovery_points', recoveryPoints, {
    arn: `'arn:aws:ec2:' || ${REGION} || '::snapshot/snap-0' || substr(md5(cast(n as varchar)), 1, 16)`,
    vault_arn: vaultOf(`(n // ${cells} % ${VAULTS})`),
    vault_name: `'vault-' || (n // ${cells} % ${VAULTS})`,
    vault_type: "'BACKUP_VAULT'",
    source_arn: `'arn:aws:ec2:' || ${REGION} || ':' || ${ACCOUNT} || ':volume/vol-0' || substr(md5(cast(n // ${30 * cells} as varchar)), 1, 16)`,
    source_type: "'EBS'",
    status: "case when n % 50 = 0 then 'PARTIAL' else 'COMPLETED' end",
    created_at: 'observed_at - to_milliseconds(cast(hash(n) % 30000000000 as bigint))',
    completed_at:
      'observed_at - to_milliseconds(cast(hash(n) % 30000000000 as bigint)) + to_minutes(10)',
    size_bytes: 'hash(n + 1) % 1000000000000',
    encrypted: 'n % 10 <> 0',
    encryption_key_arn: `case when n % 10 <> 0 then ${KEY} end`,
    effective_key_arn: `case when n % 10 <> 0 then ${KEY} end`,
    encryption_source: "'source'",
    is_parent: 'false',
    backup_plan_id: "'9f1c0c1e-5d1f-4b8e-9c35-2c8a63d6f1aa'",
    iam_role_arn: `'arn:aws:iam::' || ${ACCOUNT} || ':role/service-role/AWSBackupDefaultServiceRole'`,
    delete_after_days: 'case when n % 7 = 0 then 7 else 35 end',
  })
  await put('ebs_snapshots', snapshots, {
    arn: `'arn:aws:ec2:' || ${REGION} || '::snapshot/snap-1' || substr(md5(cast(n as varchar)), 1, 16)`,
    snapshot_id: "'snap-1' || substr(md5(cast(n as varchar)), 1, 16)",
    volume_id: `'vol-0' || substr(md5(cast(n // ${30 * cells} as varchar)), 1, 16)`,
    encrypted: 'n % 10 <> 0',
    kms_key_arn: `case when n % 10 <> 0 then ${KEY} end`,
    state: "'completed'",
    started_at: 'observed_at - to_milliseconds(cast(hash(n) % 30000000000 as bigint))',
    size_gib: '8',
    made_by_aws_backup: 'false',
  })
  return files
}

const ACCOUNT = 'account_id'
const REGION = 'region'
const KEY = `'arn:aws:kms:' || ${REGION} || ':' || ${ACCOUNT} || ':key/0f0f0f0f-0000-4000-8000-000000000000'`

function vaultOf(number: string): string {
  return `'arn:aws:backup:' || ${REGION} || ':' || ${ACCOUNT} || ':backup-vault:vault-' || ${number}`
}

/** The cell of the n-th row; other columns name it. */
function cellOf(accounts: number): Record<string, string> {
  const regions = REGIONS.map(literal).join(', ')
  return {
    account_id: `cast(111100000000 + n % ${accounts} as varchar)`,
    region: `list_extract([${regions}], cast(n // ${accounts} % ${REGIONS.length} as integer) + 1)`,
    observed_at: "timestamp '2026-11-23 07:45:00'",
  }
}

/** Reads every value of every row. */
async function scan(engine: Engine, files: string[]): Promise<void> {
  for (const file of files) {
    await engine.query(`select bit_xor(hash(t)) from read_parquet(${literal(file)}) as t`)
  }
}

async function megabytes(files: string[]): Promise<number> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size))
  return sizes.reduce((sum, size) => sum + size, 0) / 2 ** 20
}
