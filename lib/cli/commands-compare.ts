import { type Command, Option } from 'commander'
import { severities } from '../config/schema.ts'
import type { Door } from './door.ts'
import { EXIT_CODES } from './flags.ts'

const format = () =>
  new Option('--format <format>', 'how rows are printed')
    .choices(['table', 'csv', 'json'])
    .default('table')

/** What compares runs with one another. */
export function addComparing(program: Command, { output, ends }: Door): void {
  program
    .command('diff')
    .description('show what changed between two runs: what fails, is fixed, came, went, is unread')
    .argument('[earlier]', 'the run that is compared with (default: the one before)')
    .argument('[later]', 'the run that is looked at (default: the newest complete one)')
    .option('--lake <folder>', 'the lake to read', './strongroom-lake')
    .addOption(format())
    .option('--all', 'every finding that changed, in a table too', false)
    .addOption(
      new Option(
        '--fail-on <severity>',
        'exit with 1 where something of this severity fails that did not',
      ).choices(severities),
    )
    .addHelpText(
      'after',
      `
  A finding counts as appeared or vanished only where the other run could have seen it.

  Example:
    strongroom diff --lake ./strongroom-lake --fail-on high
  ${EXIT_CODES}`,
    )
    .action(async (earlier, later, flags) => {
      const { runDiff } = await import('./compare.ts')
      await ends(runDiff({ earlier, later, ...flags }, output))
    })

  program
    .command('trend')
    .description('show how the score went from run to run')
    .option('--lake <folder>', 'the lake to read', './strongroom-lake')
    .option('--account <id>', 'of this account')
    .option('--ou <id>', 'of the accounts below this OU')
    .addOption(format())
    .addHelpText('after', EXIT_CODES)
    .action(async (flags) => {
      const { runTrend } = await import('./compare.ts')
      await ends(runTrend(flags, output))
    })
}
