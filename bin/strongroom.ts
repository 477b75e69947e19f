#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { Command, CommanderError } from 'commander'
import { adviceOn } from '../lib/cli/advice.ts'
import { addAsking } from '../lib/cli/commands-ask.ts'
import { addAuditing } from '../lib/cli/commands-audit.ts'
import { addComparing } from '../lib/cli/commands-compare.ts'
import { addPowers } from '../lib/cli/commands-powers.ts'
import { EXIT_CODES } from '../lib/cli/flags.ts'
import type { ExitCode, Output } from '../lib/cli/output.ts'
import { UsageError } from '../lib/usage-error.ts'

// What a command loads is compiled once for all its runs. In the user's own folder: the system's for temporary files belongs to everybody
// on the machine, and what is in the cache is run. A folder that cannot be written is no reason to stop.
const { HOME, XDG_CACHE_HOME = HOME && join(HOME, '.cache') } = process.env
if (XDG_CACHE_HOME) enableCompileCache(join(XDG_CACHE_HOME, 'strongroom', 'compiled'))

const interrupted = new AbortController()

const output: Output = {
  print: (text) => void process.stdout.write(text),
  note: (text) => void process.stderr.write(`${text}\n`),
  interactive: process.stderr.isTTY && !process.env.CI,
  colour: process.stdout.isTTY && process.stdout.hasColors(),
  width: process.stdout.columns ?? 100,
  get quiet() {
    return program.opts().quiet === true
  },
}

let exitCode: ExitCode | 2 = 0

function ends(work: Promise<ExitCode> | ExitCode): Promise<void> {
  return Promise.resolve(work).then((code) => {
    exitCode = code
  })
}

const version = packageVersion()
const program = new Command('strongroom')
  .description(
    'Audits the backups of a whole AWS organization: are they encrypted, who can reach or destroy them, and would we notice?',
  )
  .version(version)
  .option('-q, --quiet', 'no word of what goes on meanwhile')
  .option('--verbose', 'print the stack of an unexpected error')
  .addHelpText('after', `\nStart with: strongroom demo (no AWS account is needed)\n${EXIT_CODES}`)
  .exitOverride()

const door = { output, version, ends, interrupted }
addAuditing(program, door)
addAsking(program, door)
addComparing(program, door)
addPowers(program, door)

for (const command of program.commands) command.exitOverride()

// Only shells ask for it, at each press of Tab: what it needs is loaded for them alone.
if (process.argv[2] === 'complete') (await import('@bomb.sh/tab/commander')).default(program)
else
  program
    .command('complete')
    .description('print the completion script of a shell')
    .argument('<shell>', 'zsh, bash, fish or powershell')

process.once('SIGINT', () => interrupted.abort(new Error('interrupted')))
process.once('SIGTERM', () => interrupted.abort(new Error('terminated')))

try {
  await program.parseAsync()
} catch (error) {
  exitCode = failure(error)
}
process.exitCode = exitCode

/** Prints what went wrong and answers the exit code. */
function failure(error: unknown): ExitCode | 2 {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof UsageError) {
    output.note(error.message)
    return 2
  }
  if (interrupted.signal.aborted) {
    output.note(
      'stopped; strongroom audit --resume <run> goes on (the run is named above, and in the lake under runs/)',
    )
    return 3
  }
  const cause = causes(error)
  output.note(`could not audit: ${cause}`)
  const advice = adviceOn(cause)
  if (advice) output.note(advice)
  if (program.opts().verbose && error instanceof Error) output.note(error.stack ?? '')
  return 3
}

function causes(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.name === 'Error' ? error.message : `${error.name}: ${error.message}`
  return error.cause === undefined ? own : `${own} (${causes(error.cause)})`
}

function packageVersion(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version
}
