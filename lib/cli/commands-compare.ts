import { Argument, type Command, Option } from 'commander'
import { EXPORT_FORMATS } from '../report/exports/formats.ts'
import type { Door } from './door.ts'
import { EXIT_CODES, failOnOption, lakeFolder } from './flags.ts'

const format = () =>
  new Option('--format <format>', 'how rows are printed')
    .choices(['table', 'csv', 'json'])
    .default('table')

/** What compares runs with one another, and hands them on. */
export function addComparing(program: Command, { output, ends, version }: Door): void {
  program
    .command('diff')
    .description('show what changed between two runs: what fails, is fixed, came, went, is unread')
    .argument('[earlier]', 'the run that is compared with (default: the one before)')
    .argument('[later]', 'the run that is looked at (default: the newest complete one)')
    .option('--lake <folder>', 'the lake to read (default ./strongroom-lake)', lakeFolder)
    .addOption(format())
    .option('--all', 'every finding that changed, in a table too', false)
    .addOption(failOnOption('something fails that did not,'))
    .option('--config <file>', 'the configuration file (YAML), for lake and fail_on')
    .addHelpText(
      'after',
      `
  A finding counts as appeared or vanished only where the other run could have seen it.

  Examples:
    strongroom diff --lake ./strongroom-lake --fail-on high
    strongroom diff --fail-on critical --fail-on encryption=low
  ${EXIT_CODES}`,
    )
    .action(async (earlier, later, flags) => {
      const { runDiff } = await import('./compare.ts')
      await ends(runDiff({ earlier, later, ...flags }, output))
    })

  program
    .command('trend')
    .description('show how the score went from run to run')
    .option('--lake <folder>', 'the lake to read', lakeFolder, './strongroom-lake')
    .option('--account <id>', 'of this account')
    .option('--ou <id>', 'of the accounts below this OU')
    .addOption(format())
    .addHelpText('after', EXIT_CODES)
    .action(async (flags) => {
      const { runTrend } = await import('./compare.ts')
      await ends(runTrend(flags, output))
    })

  program
    .command('export')
    .description('hand a run to other programs: OCSF, JUnit, Markdown, CSV, JSON lines')
    .addArgument(new Argument('<format>', 'what it is written as').choices(EXPORT_FORMATS))
    .option('--lake <folder>', 'the lake to read', lakeFolder, './strongroom-lake')
    .option('--run <run>', 'the run (default: the newest complete one)')
    .option('--out <file>', 'where it is written (default: standard output)')
    .addHelpText(
      'after',
      `
  Findings in the AWS Security Finding Format lie with the reports of every run: findings.asff.json.

  Examples:
    strongroom export markdown >> "$GITHUB_STEP_SUMMARY"
    strongroom export junit --out strongroom.xml
  ${EXIT_CODES}`,
    )
    .action(async (format, flags) => {
      const { runExport } = await import('./export.ts')
      await ends(runExport({ format, ...flags }, output, { version }))
    })
}
