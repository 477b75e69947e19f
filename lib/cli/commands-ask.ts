import { type Command, Option } from 'commander'
import type { Door } from './door.ts'
import { EXIT_CODES, lakeFolder, wholeNumber } from './flags.ts'
import { QUERY_FORMATS } from './query-format.ts'

/** What asks of a run, of the controls, of a deployment. */
export function addAsking(program: Command, { output, ends }: Door): void {
  program
    .command('query')
    .description('ask a run by SQL')
    .argument('[query]', 'the name of an example, SQL, or - for standard input (default: a shell)')
    .option('--lake <folder>', 'the lake to read', lakeFolder, './strongroom-lake')
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
        .choices(QUERY_FORMATS)
        .default('table'),
    )
    .option('--out <file>', 'where the answer is written (default: standard output)')
    .addHelpText(
      'after',
      `
  Examples:
    strongroom query "select name, locked from backup_vaults where not locked" --lake ./strongroom-demo
    strongroom query oldest-unencrypted-backups --format csv
    strongroom query "select * from recovery_points" --format parquet --out points.parquet
  ${EXIT_CODES}`,
    )
    .action(async (query, flags) => {
      const { runQuery } = await import('./query.ts')
      const { stdin, stderr } = process
      const prompts = stdin.isTTY ? stderr : undefined
      await ends(runQuery({ query, ...flags }, output, { input: stdin, prompts }))
    })

  program
    .command('controls')
    .description('list the controls, or explain one')
    .argument('[id]', 'the control to explain')
    .option('--explain <id>', 'the same')
    .option('--json', 'as JSON', false)
    .action(async (id, { explain, json }) => {
      const { runControls } = await import('./controls.ts')
      await ends(runControls({ id: id ?? explain, json }, output))
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
      const { runDoctor } = await import('./doctor.ts')
      await ends(runDoctor(flags, output, { environment: process.env }))
    })

  program
    .command('estimate')
    .description('what a run in AWS takes and costs, which quota binds, and what a month costs')
    .requiredOption('--accounts <number>', 'accounts of the organization', wholeNumber)
    .option('--regions <number>', 'Regions in scope', wholeNumber, 17)
    .option('--runs-per-month <number>', 'how often it runs', wholeNumber, 30)
    .option('--rows-per-cell <number>', 'rows of an account in a Region', wholeNumber, 100)
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
      const { runEstimate } = await import('./estimate.ts')
      await ends(runEstimate(flags, output))
    })
}
