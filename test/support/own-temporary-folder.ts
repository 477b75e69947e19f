import { spawn } from 'node:child_process'
import { mkdtempSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** All that the tests and what they start leave in the system's folder for temporary files is in one, which goes when they are done. */
export default function setup(): () => void {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'strongroom-tests-')))
  process.env.TMPDIR = folder
  return () => removeBehind(folder)
}

/** Removes it in a process of its own: a hundred lakes take a minute, in which the test runner could not end its workers. */
function removeBehind(folder: string): void {
  const script = `require('node:fs').rmSync(${JSON.stringify(folder)}, { recursive: true, force: true, maxRetries: 3 })`
  spawn(process.execPath, ['-e', script], { detached: true, stdio: 'ignore' }).unref()
}
