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
