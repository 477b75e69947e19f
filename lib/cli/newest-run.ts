import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../usage-error.ts'

/** The newest run of a lake that is complete. */
export async function newestRun(lake: string): Promise<string> {
  const [newest] = await completeRuns(lake)
  if (newest === undefined) throw new UsageError(`there is no complete run in ${lake}`)
  return newest
}

/** The complete runs of a lake, the newest first: a run's summary is written last. */
export async function completeRuns(lake: string): Promise<string[]> {
  const names = await readdir(join(lake, 'reports')).catch((cause: Error) => {
    throw new UsageError(`${lake} is no lake: it has no reports; strongroom audit makes one`, {
      cause,
    })
  })
  const runs: string[] = []
  for (const name of names.sort().reverse()) {
    const files = await readdir(join(lake, 'reports', name))
    if (files.includes('summary.json')) runs.push(name)
  }
  return runs
}

/**
 * The run that is asked: the one that is named, else the newest complete one.
 * @throws UsageError where there is no such run, or it is not complete
 */
export async function chosenRun({ lake, run }: { lake: string; run?: string }): Promise<string> {
  if (run === undefined) return newestRun(lake)
  const complete = await completeRuns(lake)
  if (complete.includes(run)) return run
  const known = complete.length > 0 ? `; there are ${complete.slice(0, 3).join(', ')}` : ''
  throw new UsageError(`there is no complete run ${JSON.stringify(run)} in ${lake}${known}`)
}
