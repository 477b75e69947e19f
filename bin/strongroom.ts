#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import type { ExitCode, Output } from '../lib/cli/output.ts'
import { UsageError } from '../lib/usage-error.ts'

const interrupted = new AbortController()

const output: Output = {
  print: (text) => void process.stdout.write(text),
  note: (text) => void process.stderr.write(`${text}\n`),
  interactive: process.stderr.isTTY && !process.env.CI,
  colour: process.stdout.isTTY && process.stdout.hasColors(),
  width: process.stdout.columns ?? 100,
}

let exitCode: ExitCode | 2 = 0

function ends(work: Promise<ExitCode> | ExitCode): Promise<void> {
  return Promise.resolve(work).then((code) => {
    exitCode = code
  })
}

const EXIT_CODES = `
Exit codes: 0 done; 1 --fail-on was met; 2 wrong usage or configuration; 3 nothing could be audited.`

const program = new Command('strongroom')
  .description(
    'Audits the backups of a whole AWS organization: are they encrypted, who can reach or destroy them, and would we notice?',
  )
  .version(packageVersion())
  .option('--verbose', 'print the stack of an unexpected error')
  .addHelpText('after', `\nStart with: strongroom demo (no AWS account is needed)\n${EXIT_CODES}`)
  .exitOverride()

program
  .command('demo')
  .description('audit a simulated organization on this machine')
  .option('--lake <folder>', 'where the run is written', './strongroom-demo')
  .option('--seed <number>', 'another organization', wholeNumber, 1)
  .option('--json', 'print summary.json and nothing else', false)
  .action(async (flags) => {
    const { runDemo } = await import('../lib/cli/demo.ts')
    await ends(runDemo(flags, output))
  })

program
  .command('audit')
  .description('audit an AWS organization, or the one account where there is none')
  .option('--config <file>', 'the configuration file (YAML)')
  .option('--role-name <name>', 'the role assumed in every account (default StrongroomAuditor)')
  .option('--external-id <id>', 'the external id that the role asks for')
  .option('--accounts <ids>', 'only these accounts, separated by commas', commas)
  .option('--ous <ids>', 'only accounts below these OUs', commas)
  .option('--regions <names>', 'only these Regions', commas)
  .option('--services <names>', 'only these services', commas)
  .option('--controls <ids>', 'only these controls', commas)
  .option('--concurrency <number>', 'accounts that are read at once (default 8)', wholeNumber)
  .option('--lake <folder>', 'where the run is written (default ./strongroom-lake)')
  .option('--profile <name>', 'the AWS profile to start from')
  .option('--resume <run>', 'go on with an interrupted run')
  .addOption(
    new Option(
      '--fail-on <severity>',
      'exit with 1 where a finding of this severity fails',
    ).choices(['critical', 'high', 'medium', 'low']),
  )
  .option('--publish', 'send what changed to Security Hub')
  .option('--json', 'print summary.json and nothing else', false)
  .addHelpText(
    'after',
    `
Credentials, Region and endpoint come from the ordinary AWS chain (AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL …).
Run it from the management account or from a delegated administrator.

Examples:
  strongroom audit --regions eu-central-1,eu-west-1 --fail-on critical
  strongroom audit --accounts 111122223333 --services backup,kms
${EXIT_CODES}`,
  )
  .action(async (flags) => {
    const { runAudit } = await import('../lib/cli/audit.ts')
    const context = { environment: process.env, signal: interrupted.signal }
    await ends(runAudit(snakeCase(flags), output, context))
  })

program
  .command('report')
  .description('write the report of a run again, or the one for an account or OU alone')
  .option('--lake <folder>', 'the lake to read', './strongroom-lake')
  .option('--run <run>', 'the run to report (default: the newest complete one)')
  .option('--account <id>', 'only the rows of this account')
  .option('--ou <id>', 'only the rows of the accounts below this OU')
  .option('--out <file>', 'where the page is written (default: into the reports of the run)')
  .addHelpText(
    'after',
    `
A report for an account or OU holds nobody else's rows, and can be sent to its owner.

Example:
  strongroom report --lake ./strongroom-demo --ou ou-ab12-workloads --out workloads.html
${EXIT_CODES}`,
  )
  .action(async (flags) => {
    const { runReport } = await import('../lib/cli/report.ts')
    await ends(runReport(flags, output))
  })

program
  .command('publish')
  .description('send what a run changed to Security Hub, each account’s own')
  .requiredOption('--run <run>', 'the run to publish')
  .option('--dry-run', 'show what would be sent and why; send nothing', false)
  .option('--config <file>', 'the configuration file (YAML)')
  .option('--role-name <name>', 'the role that looks at hubs (default StrongroomAuditor)')
  .option('--publisher-role-name <name>', 'the role that imports (default StrongroomPublisher)')
  .option('--external-id <id>', 'the external id that the roles ask for')
  .option('--concurrency <number>', 'calls that are under way at once (default 8)', wholeNumber)
  .option('--lake <folder>', 'where the run was written (default ./strongroom-lake)')
  .option('--profile <name>', 'the AWS profile to start from')
  .option('--json', 'print the publication, or the plan, as JSON and nothing else', false)
  .addHelpText(
    'after',
    `
Fails and changes only: what passes from the first is never sent, and what is unchanged only before Security Hub forgets it.

Examples:
  strongroom publish --run 20261123T074500Z-4f9c21 --dry-run
  strongroom publish --run 20261123T074500Z-4f9c21 --config strongroom.yaml
${EXIT_CODES}`,
  )
  .action(async (flags) => {
    const { runPublish } = await import('../lib/cli/publish.ts')
    const context = { environment: process.env, signal: interrupted.signal }
    await ends(runPublish(snakeCase(flags), output, context))
  })

program
  .command('query')
  .description('ask a run by SQL')
  .argument('<query>', 'the name of an example, SQL, or - for standard input')
  .option('--lake <folder>', 'the lake to read', './strongroom-lake')
  .option('--run <run>', 'the run to ask (default: the newest complete one)')
  .addOption(
    new Option('--engine <engine>', 'DuckDB over a lake on disk, or Athena over the deployed one')
      .choices(['duckdb', 'athena'])
      .default('duckdb'),
  )
  .option('--config <file>', 'the configuration of the deployment, for Athena')
  .option('--profile <name>', 'the AWS profile, for Athena')
  .addOption(
    new Option('--format <format>', 'how rows are printed')
      .choices(['table', 'csv', 'json'])
      .default('table'),
  )
  .addHelpText(
    'after',
    `
Examples:
  strongroom query "select name, locked from backup_vaults where not locked" --lake ./strongroom-demo
  strongroom query oldest-unencrypted-backups --format csv
${EXIT_CODES}`,
  )
  .action(async (query, flags) => {
    const { runQuery } = await import('../lib/cli/query.ts')
    await ends(runQuery({ query, ...flags }, output, { input: process.stdin }))
  })

program
  .command('controls')
  .description('list the controls, or explain one')
  .argument('[id]', 'the control to explain')
  .option('--json', 'as JSON', false)
  .action(async (id, flags) => {
    const { runControls } = await import('../lib/cli/controls.ts')
    await ends(runControls({ id, ...flags }, output))
  })

program
  .command('doctor')
  .description('look whether an audit could run: organization, roles, Security Hub')
  .option('--config <file>', 'the configuration file (YAML)')
  .option('--profile <name>', 'the AWS profile to start from')
  .option('--sample <number>', 'accounts that are entered', wholeNumber, 5)
  .option('--json', 'as JSON', false)
  .addHelpText('after', EXIT_CODES)
  .action(async (flags) => {
    const { runDoctor } = await import('../lib/cli/doctor.ts')
    await ends(runDoctor(flags, output, { environment: process.env }))
  })

program
  .command('estimate')
  .description('what a run in AWS takes, which quota binds, and what a month costs')
  .requiredOption('--accounts <number>', 'accounts of the organization', wholeNumber)
  .option('--regions <number>', 'Regions in scope', wholeNumber, 17)
  .option('--runs-per-month <number>', 'how often it runs', wholeNumber, 30)
  .option('--rows-per-cell <number>', 'rows of an account in a Region', wholeNumber, 500)
  .option(
    '--changed-findings <number>',
    'findings that change between runs, of each',
    wholeNumber,
    5,
  )
  .option('--workers <number>', 'accounts that are read at once', wholeNumber, 100)
  .option('--months-kept <number>', 'how long runs are kept', wholeNumber, 12)
  .option('--prices <file>', 'prices that replace the list prices (YAML)')
  .option('--json', 'as JSON', false)
  .action(async (flags) => {
    const { runEstimate } = await import('../lib/cli/estimate.ts')
    await ends(runEstimate(flags, output))
  })

program
  .command('simulate')
  .description('run the simulated organization alone, for any AWS client')
  .option('--port <number>', 'the port to listen on; 0: any free one', wholeNumber, 4599)
  .option('--accounts <number>', 'accounts of the organization', wholeNumber)
  .option('--regions <number>', 'Regions of the partition', wholeNumber)
  .option('--seed <number>', 'another organization', wholeNumber, 1)
  .option('--faults <file>', 'rules by which it misbehaves (JSON)')
  .option('--latency <ms>', 'added to every answer', wholeNumber, 0)
  .option('--truth <file>', 'where the expected findings are written')
  .action(async (flags) => {
    const { runSimulate } = await import('../lib/cli/simulate.ts')
    await ends(runSimulate(flags, output, { signal: interrupted.signal }))
  })

for (const command of program.commands) command.exitOverride()

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
  output.note(`could not audit: ${causes(error)}`)
  if (program.opts().verbose && error instanceof Error) output.note(error.stack ?? '')
  return 3
}

function causes(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.name === 'Error' ? error.message : `${error.name}: ${error.message}`
  return error.cause === undefined ? own : `${own} (${causes(error.cause)})`
}

function commas(value: string): string[] {
  return value.split(',').map((part) => part.trim())
}

function wholeNumber(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('it must be a whole number')
  return Number(value)
}

function snakeCase<T extends object>(flags: T): never {
  const entries = Object.entries(flags).map(([key, value]) => [
    key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value,
  ])
  return Object.fromEntries(entries) as never
}

function packageVersion(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version
}
