import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { AwsSettings, Session } from '../aws/session.ts'
import { collectUnit } from '../collect/collect-unit.ts'
import { type CreateObject, openUnitSpool, type UnitSpool } from '../collect/unit-spool.ts'
import { loadCollectors } from '../collectors/load.ts'
import type { LastRead } from '../lake/carry-forward.ts'
import type { Lake } from '../lake/lake.ts'
import { createParquetFile } from '../lake/parquet.ts'
import { organizationUnit } from '../plan.ts'
import type { CollectEvent, CollectResult } from './payloads.ts'
import { openRun, readIfThere, runFiles, unitsOf, wholeUnit } from './run-files.ts'

export interface CollectOneOptions {
  lake: Lake
  aws: AwsSettings
  caller: Session
  /** Ends the worker in good time: what is unfinished is left to another pass. */
  deadline: AbortSignal
  /** A folder of the worker's own. */
  folder: string
}

const DAY_MS = 24 * 60 * 60 * 1000

/** Collects one unit, puts what was read into staging, and answers for it. The first answer of a unit and pass counts. */
export async function collectOne(
  { run_id, unit: planned }: CollectEvent,
  { lake, aws, caller, deadline, folder }: CollectOneOptions,
): Promise<CollectResult> {
  const stored = await openRun(lake, run_id)
  const { run, config } = stored
  const unit = wholeUnit(await unitsOf(stored), planned)
  const spool = openUnitSpool(objectsOf(lake, folder))
  // The unit of the organization runs beside that of the same account: each remembers in a file of its own.
  const shared = unit.unit === organizationUnit(run.discovery.caller_account_id)
  const reader = shared ? unit.unit : unit.account_id
  const evidence = await readEvidence(lake, reader)
  const answer = await collectUnit(unit, {
    runId: run_id,
    attempt: randomBytes(4).toString('hex'),
    partition: run.discovery.partition,
    collectors: await loadCollectors(),
    aws: { ...aws, budgetShare: config.budget_share },
    caller,
    role: run.discovery.organization_id
      ? { name: config.role_name, externalId: config.external_id }
      : undefined,
    perItemCalls: config.per_item_calls,
    lastReads: async () => lastReadOf(evidence),
    finished: [],
    spool,
    deadline,
    onSlice: async () => undefined,
  })
  const name = runFiles.answer(run_id, unit.unit, unit.pass)
  const counts = await lake.createIfAbsent(name, JSON.stringify(answer))
  const since = new Date(Date.parse(run.as_of) - config.evidence_max_age_days * DAY_MS)
  if (counts) await rememberEvidence(lake, reader, { evidence, spool, since })
  const open = answer.slices.filter(({ transient, status }) => transient && status !== 'complete')
  const { length: slices } = answer.slices
  return { unit: unit.unit, pass: unit.pass, counts, slices, open: open.length }
}

/** Objects are written on the worker's disk, and sent once they are whole. */
function objectsOf(lake: Lake, folder: string): CreateObject {
  return async (object, table) => {
    const file = await createParquetFile(table, join(folder, object))
    return {
      ...file,
      async commit() {
        await file.commit()
        await lake.upload(object, file.path)
        await rm(file.path)
      },
    }
  }
}

/** By `<collector> <arn>`, when a resource was last read by calls of its own. It only decides whose turn it is. */
type Evidence = Record<string, string>

async function readEvidence(lake: Lake, reader: string): Promise<Evidence> {
  return JSON.parse((await readIfThere(lake, runFiles.evidence(reader))) ?? '{}')
}

function lastReadOf(evidence: Evidence): LastRead {
  return (collector, arn) => {
    const at = evidence[`${collector} ${arn}`]
    return at === undefined ? undefined : new Date(at)
  }
}

async function rememberEvidence(
  lake: Lake,
  reader: string,
  { evidence, spool, since }: { evidence: Evidence; spool: UnitSpool; since: Date },
): Promise<void> {
  const reads = spool.itemReads.map(({ collector, resource_arn, observed_at }) => [
    `${collector} ${resource_arn}`,
    observed_at instanceof Date ? observed_at.toISOString() : '',
  ])
  if (reads.length === 0) return
  const young = Object.entries(evidence).filter(([, at]) => Date.parse(at) >= since.getTime())
  const all: Evidence = { ...Object.fromEntries(young), ...Object.fromEntries(reads) }
  await lake.write(runFiles.evidence(reader), JSON.stringify(all))
}
