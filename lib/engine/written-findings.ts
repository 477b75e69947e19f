import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Engine, literal } from './engine.ts'

/** Findings that are looked through at once for ids that occur twice: a query of its own for each control costs more than judging does. */
const CHECKED_AT_ONCE = 20_000

/** Two findings of one control with the same id. */
export class DuplicateFindingError extends Error {
  override name = 'DuplicateFindingError'
}

/** What one attempt at a run's findings writes: a folder for each control, which counts alone once its ids are known to differ. */
export class WrittenFindings {
  readonly #engine: Engine
  readonly #run: { lake: string; runId: string; attempt: string }
  /** Controls whose findings are written and not looked through, with the number of those. */
  readonly #open = new Map<string, number>()
  #count = 0

  constructor(engine: Engine, run: { lake: string; runId: string; attempt: string }) {
    this.#engine = engine
    this.#run = run
  }

  /** How many findings were written. */
  get count(): number {
    return this.#count
  }

  /**
   * Writes what a control's statement answers. A failure leaves nothing of what was not looked through.
   * @throws DuplicateFindingError
   */
  async write(controlId: string, sql: string): Promise<void> {
    this.#open.set(controlId, 0)
    try {
      const count = await this.#engine.copyToParquet(sql, this.#file(controlId))
      this.#open.set(controlId, count)
      this.#count += count
    } catch (error) {
      await this.#discard()
      throw error
    }
    const findings = [...this.#open.values()].reduce((sum, each) => sum + each, 0)
    if (findings >= CHECKED_AT_ONCE) await this.settle()
  }

  /**
   * Looks through what was written and removes earlier attempts at the same. To be called when all is written.
   * @throws DuplicateFindingError
   */
  async settle(): Promise<void> {
    try {
      await this.#refuseDuplicates()
    } catch (error) {
      await this.#discard()
      throw error
    }
    for (const controlId of this.#open.keys()) {
      for (const other of await readdir(this.#folder(controlId))) {
        if (other === this.#run.attempt) continue
        await rm(join(this.#folder(controlId), other), { recursive: true })
      }
    }
    this.#open.clear()
  }

  /** An id names its control, so that those of several controls can be counted together. */
  async #refuseDuplicates(): Promise<void> {
    const files = [...this.#open.keys()].map((controlId) => literal(this.#file(controlId)))
    if (files.length === 0) return
    const written = `read_parquet([${files.join(', ')}], hive_partitioning = false)`
    // Numbers of 64 bits take a quarter of the time, and an eighth of the memory, of the ids. Where two are the same, the ids are looked at.
    const { rows: counted } = await this.#engine.query(
      `select count(*) - count(distinct hash(finding_id)) as twice from ${written}`,
    )
    if (Number(counted[0]?.twice) === 0) return
    const { rows } = await this.#engine.query(
      `select finding_id, min(resource_arn) as resource_arn, count(*) as times from ${written}
       group by finding_id having count(*) > 1 order by finding_id limit 1`,
    )
    const [row] = rows
    if (!row) return
    const control = String(row.finding_id).split('/')[1]
    throw new DuplicateFindingError(
      `control ${control} judges ${row.resource_arn} ${row.times} times: finding ${row.finding_id}`,
    )
  }

  async #discard(): Promise<void> {
    for (const controlId of this.#open.keys()) {
      await rm(join(this.#folder(controlId), this.#run.attempt), { recursive: true, force: true })
    }
    this.#open.clear()
  }

  #folder(controlId: string): string {
    const { lake, runId } = this.#run
    return join(lake, 'findings', `run_id=${runId}`, `control_id=${controlId}`)
  }

  #file(controlId: string): string {
    return join(this.#folder(controlId), this.#run.attempt, 'data.parquet')
  }
}
