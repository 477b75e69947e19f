import type { Command } from 'commander'
import { faultKinds } from '../../simulator/fault-kinds.ts'
import type { Door } from './door.ts'
import { commas, EXIT_CODES, failOnOption, lakeFolder, snakeCase, wholeNumber } from './flags.ts'

const faultsHelp = `
  A rule of --faults names a kind, and may narrow it to an operation (backup:List*), an account, a Region; to calls by their
  number (nth), from one on (from), a share of them (rate), so many at most (times):
    [{ "kind": "throttle", "operation": "rds:*", "rate": 0.2 }, { "kind": "hang", "operation": "kms:ListKeys", "nth": 1 }]
  What a call that is struck meets:
${Object.entries(faultKinds)
  .map(([kind, what]) => `    ${kind.padEnd(18)} ${what}`)
  .join('\n')}`

/** What audits an organization, and tells others of it. */
export function addAuditing(program: Command, { output, ends, interrupted }: Door): void {
  program
    .command('demo')
    .description('audit a simulated organization on this machine')
    .option('--lake <folder>', 'where the run is written', lakeFolder, './strongroom-demo')
    .option('--seed <number>', 'another organization', wholeNumber, 1)
    .option('--json', 'print summary.json and nothing else', false)
    .action(async (flags) => {
      const { runDemo } = await import('./demo.ts')
      await ends(runDemo(flags, output, { signal: interrupted.signal }))
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
    .option('--waivers-file <file>', 'agreed exceptions: a list of waivers (YAML)')
    .option('--lake <folder>', 'where the run is written (default ./strongroom-lake)', lakeFolder)
    .option('--profile <name>', 'the AWS profile to start from')
    .option(
      '--resume <run>',
      'go on with an interrupted run, or ask again for what one could not read',
    )
    .addOption(failOnOption('a finding fails'))
    .option('--publish', 'send what changed to Security Hub')
    .option('--json', 'print summary.json and nothing else', false)
    .addHelpText(
      'after',
      `
  Credentials, Region and endpoint come from the ordinary AWS chain (AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL …).
  Run it from the management account or from a delegated administrator.

  Examples:
    strongroom audit --regions eu-central-1,eu-west-1 --fail-on critical
    strongroom audit --fail-on high --fail-on encryption=low
    strongroom audit --accounts 111122223333 --services backup,kms
  ${EXIT_CODES}`,
    )
    .action(async (flags) => {
      const { runAudit } = await import('./audit.ts')
      const context = { environment: process.env, signal: interrupted.signal }
      await ends(runAudit(snakeCase(flags), output, context))
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
    .option('--lake <folder>', 'where the run was written (default ./strongroom-lake)', lakeFolder)
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
      const { runPublish } = await import('./publish.ts')
      const context = { environment: process.env, signal: interrupted.signal }
      await ends(runPublish(snakeCase(flags), output, context))
    })

  program
    .command('report')
    .description('write the report of a run again, or the one for an account or OU alone')
    .option('--lake <folder>', 'the lake to read', lakeFolder, './strongroom-lake')
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
      const { runReport } = await import('./report.ts')
      await ends(runReport(flags, output))
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
    .addHelpText('after', faultsHelp)
    .action(async (flags) => {
      const { runSimulate } = await import('./simulate.ts')
      await ends(runSimulate(flags, output, { signal: interrupted.signal }))
    })
}
