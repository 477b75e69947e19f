import type { Command } from 'commander'
import type { Door } from './door.ts'
import { EXIT_CODES } from './flags.ts'

/** What asks of a finished run who could do what, and what would become of it. */
export function addPowers(program: Command, { output, ends }: Door): void {
  program
    .command('who-can')
    .description('who could destroy, restore, read or share backups, and how they are reached')
    .argument('<power>', 'such as destroy-backups, restore or destroy-keys')
    .option('--account <id>', 'only principals of this account')
    .option('--resource <arn>', 'only who reaches this very resource: a vault, a key, a backup …')
    .option('--lake <folder>', 'the lake to read', './strongroom-lake')
    .option('--run <run>', 'the run to ask (default: the newest complete one)')
    .option('--json', 'as JSON, whole', false)
    .addHelpText(
      'after',
      `
  Examples:
    strongroom who-can destroy-backups --account 111122223333
    strongroom who-can destroy-keys --resource arn:aws:kms:eu-central-1:111122223333:key/…
  ${EXIT_CODES}`,
    )
    .action(async (power, flags) => {
      const { runWhoCan } = await import('./who-can.ts')
      await ends(runWhoCan({ power, ...flags }, output))
    })
}
