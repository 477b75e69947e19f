import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { round } from '../round.ts'

/** What a program took from its start to its end. */
export interface Measured {
  seconds: number
  cpu_seconds: number
  /** Of the largest process that it consisted of. */
  peak_resident_mb: number
  exit_code: number
}

export interface Program {
  command: string
  args: string[]
  environment: Record<string, string>
  /** A folder of its own: it is started there, and what is measured is left there. */
  folder: string
}

/** The system tells what a process took to the one that waited for it: both programs are started by the same few lines. */
const WAITER = `
import json, resource, subprocess, sys, time
started = time.monotonic()
code = subprocess.call(sys.argv[2:], stdout=open('stdout', 'w'), stderr=open('stderr', 'w'))
seconds = time.monotonic() - started
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], 'w') as out:
    json.dump([seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, code], out)
`

/**
 * Runs a program to its end on Linux, with nothing of this process' environment but what finds programs.
 * @param python any Python 3 to start it from
 */
export async function measureProgram(python: string, program: Program): Promise<Measured> {
  const { command, args, environment, folder } = program
  const { PATH = '', HOME = '' } = process.env
  await new Promise<void>((resolve, reject) => {
    const env = { PATH, HOME, ...environment }
    const all = ['-c', WAITER, 'measured.json', command, ...args]
    execFile(python, all, { cwd: folder, env }, (error) => (error ? reject(error) : resolve()))
  })
  const measured = JSON.parse(await readFile(join(folder, 'measured.json'), 'utf8'))
  const [seconds = 0, cpu = 0, peak = 0, exit_code = -1]: number[] = measured
  return {
    seconds: round(seconds),
    cpu_seconds: round(cpu),
    peak_resident_mb: round(peak),
    exit_code,
  }
}
