import { type Answer, parseAnswer } from '../collect/answer.ts'
import type { Unit } from '../collect/collect-unit.ts'
import { loadCollectors } from '../collectors/load.ts'
import type { Config } from '../config/schema.ts'
import type { Lake } from '../lake/lake.ts'
import { planUnits } from '../plan.ts'
import type { Run } from '../run.ts'
import { requestedCollectors } from '../scope.ts'
import type { Phase, PlannedUnit } from './payloads.ts'

/** A run as the pipeline keeps it: what was found out, and the configuration it was started with. */
export interface StoredRun {
  run: Run & { execution?: string }
  config: Config
}

/** Names of a run's own files in the lake. */
export const runFiles = {
  run: (runId: string) => `runs/${runId}/run.json`,
  config: (runId: string) => `runs/${runId}/config.json`,
  units: (runId: string, pass: number) => `runs/${runId}/units-${pass}.jsonl`,
  /** The accounts that are derived, each once. */
  accounts: (runId: string) => `runs/${runId}/accounts.jsonl`,
  answer: (runId: string, unit: string, pass: number) =>
    `runs/${runId}/answers/${unit}-${pass}.json`,
  queries: (runId: string, phase: Phase) => `runs/${runId}/queries-${phase}.jsonl`,
  /** `of` is an account, or the unit of the organization. */
  evidence: (of: string) => `evidence/${of}.json`,
}

export async function openRun(lake: Lake, runId: string): Promise<StoredRun> {
  const [run, config] = await Promise.all([
    lake.read(runFiles.run(runId)),
    lake.read(runFiles.config(runId)),
  ])
  return { run: JSON.parse(run), config: JSON.parse(config) }
}

/** Step Functions hands over an item with what the Map adds to it in 256 KiB at most. */
const LONGEST_LINE = 240_000

/**
 * Writes one JSON document a line; Step Functions reads such a file item by item.
 * @throws Error where it could not hand an item over
 */
export async function writeLines(
  lake: Lake,
  name: string,
  items: readonly object[],
): Promise<void> {
  const lines = items.map((item) => `${JSON.stringify(item)}\n`)
  const long = lines.find((line) => Buffer.byteLength(line) > LONGEST_LINE)
  if (long) throw new Error(`${name}: an item is too long for Step Functions: ${long.slice(0, 80)}`)
  await lake.write(name, lines.join(''))
}

export async function readLines<Item>(lake: Lake, name: string): Promise<Item[]> {
  const lines = (await lake.read(name)).split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line))
}

/** Every unit of the run with all of its slices, by the unit's name. */
export async function unitsOf({ run, config }: StoredRun): Promise<Map<string, Unit>> {
  const collectors = requestedCollectors(await loadCollectors(), config)
  return new Map(planUnits(run.discovery, collectors).map((unit) => [unit.unit, unit]))
}

/** A planned unit with the slices it stands for. */
export function wholeUnit(units: Map<string, Unit>, planned: PlannedUnit): Unit {
  const unit = units.get(planned.unit)
  if (!unit) throw new Error(`the run has no unit ${planned.unit}`)
  return { ...unit, pass: planned.pass, slices: planned.slices ?? unit.slices }
}

/** The answers that a unit has got up to a pass. */
export async function answersOf(
  lake: Lake,
  runId: string,
  { unit, pass }: { unit: string; pass: number },
): Promise<Answer[]> {
  const passes = Array.from({ length: pass }, (_, index) => index + 1)
  const texts = await Promise.all(
    passes.map((n) => readIfThere(lake, runFiles.answer(runId, unit, n))),
  )
  return texts.flatMap((text) => (text === undefined ? [] : [parseAnswer(text)]))
}

/** Undefined where there is no such name; whatever else keeps it from being read is thrown. */
export async function readIfThere(lake: Lake, name: string): Promise<string | undefined> {
  try {
    return await lake.read(name)
  } catch (error) {
    if (error instanceof Error && isMissing(error)) return undefined
    throw error
  }
}

function isMissing(error: Error): boolean {
  return error.name === 'NoSuchKey' || Reflect.get(error, 'code') === 'ENOENT'
}
