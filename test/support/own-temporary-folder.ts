import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** All that the tests and what they start leave in the system's folder for temporary files is in one, which is gone when they are done. */
export default function setup(): () => void {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'strongroom-tests-')))
  process.env.TMPDIR = folder
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}
