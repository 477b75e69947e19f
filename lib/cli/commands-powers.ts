import type { Command } from 'commander'
import type { Door } from './door.ts'
import { EXIT_CODES, lakeFolder } from './flags.ts'

/** What asks of a finished run who could do what, and what would become of it. */
export function addPowers(program: Command, { output, ends }: Door): void {
  program
    .command('who-can')
    .description('who could destroy, restore, read or share backups, and how they are reached')
    .argument('<power>', 'such as destroy-backups, restore or destroy-keys')
    .option('--account <id>', 'only principals of this account')
    .option('--resource <arn>', 'only who reaches this very resource: a vault, a key, a backup …')
    .option('--lake <folder>', 'the lake to read', lakeFolder, './strongroom-lake')
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

  program
    .command('blast-radius')
    .description(
      'what goes with a principal, should it fall: data, backups and keys; and what survives',
    )
    .argument('<principal>', 'ARN of a user, a role, a session, or an account’s root user')
    .option('--lake <folder>', 'the lake to read', lakeFolder, './strongroom-lake')
    .option('--run <run>', 'the run to ask (default: the newest complete one)')
    .option('--json', 'as JSON, whole', false)
    .addHelpText('after', EXIT_CODES)
    .action(async (principal, flags) => {
      const { runBlastRadius } = await import('./blast-radius.ts')
      await ends(runBlastRadius({ principal, ...flags }, output))
    })

  program
    .command('what-if')
    .description(
      'what a run would find if a policy were in place; nothing is written into the lake',
    )
    .option('--scp <file>', 'a service control policy (JSON)')
    .option('--vault-policy <file>', 'an access policy of vaults (JSON)')
    .option(
      '--target <id...>',
      'accounts, OUs or root that it is put on; a vault policy on vaults, too (default: root)',
    )
    .option('--lake <folder>', 'the lake to read', lakeFolder, './strongroom-lake')
    .option('--run <run>', 'the run to judge again (default: the newest complete one)')
    .option('--json', 'as JSON, whole', false)
    .addHelpText(
      'after',
      `
  Examples:
    strongroom what-if --scp deny-tampering.json --target ou-ab12-workloads
    strongroom what-if --vault-policy keep.json --target arn:aws:backup:eu-central-1:111122223333:backup-vault:daily
  ${EXIT_CODES}`,
    )
    .action(async (flags) => {
      const { runWhatIf } = await import('./what-if.ts')
      await ends(runWhatIf(flags, output, { clock: () => new Date() }))
    })
}
