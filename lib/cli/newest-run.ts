import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../usage-error.ts'

/** The newest run of a lake that is complete: its summary is written last. */
export async function newestRun(lake: string): Promise<string> {
  const names = await readdir(join(lake, 'reports')).catch((cause: Error) => {
    throw new UsageError(`${lake} is no lake: it has no reports; strongroom audit makes one`, {
      cause,
    })
  })
  for (const name of names.sort().reverse()) {
    const files = await readdir(join(lake, 'reports', name))
    if (files.includes('summary.json')) return name
  }
  throw new UsageError(`there is no complete run in ${lake}`)
}
