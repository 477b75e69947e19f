import { z } from 'zod'
import { deployment } from './deployment.ts'
import { failOn } from './fail-on.ts'
import { isAddress, LAKE_IS_A_FOLDER } from './lake-folder.ts'
import { severities } from './severities.ts'

export { type Severity, severities } from './severities.ts'

const accountId = z
  .string({ error: explainAccountId })
  .regex(/^\d{12}$/, { error: explainAccountId })
  .describe('A 12-digit account id, in quotes.')

const severity = z.enum(severities)

const pattern = (expression: RegExp, hint: string) =>
  z.string().regex(expression, { error: (issue) => `${show(issue.input)} is not ${hint}` })

const ouId = pattern(/^(ou-[a-z0-9-]+|r-[a-z0-9]+)$/, 'an OU or root id (ou-… or r-…)')
const regionName = pattern(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a Region name (such as eu-central-1)')
const controlId = pattern(
  /^[a-z0-9]+(-[a-z0-9]+)*$/,
  'a control id (`strongroom controls` lists them)',
)

const settings = z.strictObject({
  required_key_manager: z
    .enum(['any', 'aws_managed', 'customer'])
    .default('customer')
    .describe('Who must manage the key of a backup; `any` is content with encryption of any kind.'),
  air_gapped_owned_key_ok: z
    .boolean()
    .default(true)
    .describe('Whether an AWS owned key is good enough in a logically air-gapped vault.'),
  min_retention_days: z
    .int()
    .positive()
    .default(35)
    .describe('The least number of days that a recovery point must be kept.'),
  recovery_point_grace_hours: z
    .int()
    .nonnegative()
    .default(24)
    .describe("Hours that a backup may be late beyond twice its plan's interval."),
  max_backup_deleters: z
    .int()
    .nonnegative()
    .default(5)
    .describe('How many principals of one account may be able to delete backups.'),
  break_glass_principals: z
    .array(pattern(/^arn:/, 'a pattern of ARNs (arn:…)'))
    .default([])
    .describe(
      'Principals for emergencies, by ARN; * and ? are wildcards. They are listed, and never failed.',
    ),
  backup_data_readers: z
    .array(pattern(/^arn:/, 'a pattern of ARNs (arn:…)'))
    .default([])
    .describe(
      'Principals that may read what backups hold, by ARN; * and ? are wildcards. Roles that restore, and do nothing else to data and backups, need not be named.',
    ),
  organization_access: z
    .enum(['ok', 'fail'])
    .default('ok')
    .describe(
      "How the organization's own ways into an account are judged, such as AWSReservedSSO_* and OrganizationAccountAccessRole.",
    ),
  conditional_powers: z
    .enum(['allowed', 'ignored'])
    .default('allowed')
    .describe(
      'What a power counts as that hangs on a condition which only a real request can answer.',
    ),
  restore_test_max_age_days: z
    .int()
    .positive()
    .default(90)
    .describe('How old the last successful restore test of a resource type may be.'),
  critical_tag: z
    .string()
    .regex(/^[^=]+=[^=]*$/, { error: (issue) => `${show(issue.input)} is not key=value` })
    .optional()
    .describe('The tag (key=value) of resources whose backups must have an isolated copy.'),
  isolation_required: z
    .array(z.union([accountId, ouId]))
    .default([])
    .describe('Accounts and OUs whose backups must be copied to another account.'),
  scp_exempt_accounts: z
    .array(z.union([accountId, ouId]))
    .default([])
    .describe('Accounts and OUs of which no service control policy over backups is asked.'),
  scp_denied_regions: z
    .enum(['unknown', 'out_of_scope'])
    .default('unknown')
    .describe('What a Region is in which a service control policy denies every call.'),
})

const securityHub = z.strictObject({
  mode: z
    .enum(['local', 'central'])
    .default('local')
    .describe(
      '`local`: into the hub of each account and Region; `central`: all into the audit account’s hub of the home Region.',
    ),
  home_region: regionName
    .optional()
    .describe(
      'Region of the hubs that get what belongs to no Region; the Region that is published from when absent.',
    ),
})

const duckdb = z.strictObject({
  memory_limit: pattern(/^\d+(\.\d+)?\s?([KMGT]i?)?B$/i, 'an amount of memory (such as 4GB)')
    .optional()
    .describe(
      'The most memory that DuckDB takes, such as `4GB`; what does not fit goes to `temp_directory`. 80% of the machine’s when absent.',
    ),
  temp_directory: z
    .string()
    .min(1)
    .optional()
    .describe('A folder for what does not fit; `.tmp` in the working directory when absent.'),
  threads: z
    .int()
    .min(1)
    .max(256)
    .optional()
    .describe(
      'Threads of one query. When absent: one for a small run, which more would only make dearer, and one per core for others.',
    ),
})

/** An agreed exception. */
export const waiver = z
  .strictObject({
    control: z.union([controlId, z.literal('*')]).describe('The control id, or "*" for every one.'),
    account: accountId.optional().describe('Only findings of this account.'),
    ou: ouId.optional().describe('Only findings of accounts below this OU.'),
    resource: z
      .string()
      .min(1)
      .default('*')
      .describe('ARN of the resource; * and ? are wildcards.'),
    owner: z.string().min(1).describe('Who answers for the exception.'),
    reason: z.string().min(1).describe('Why it was agreed.'),
    expires: z.iso
      .date({ error: (issue) => `${show(issue.input)} is not a date (YYYY-MM-DD)` })
      .describe('The first day (UTC) on which the waiver no longer counts.'),
  })
  .refine((value) => !(value.account && value.ou), { error: 'names both an account and an ou' })

/** What a configuration file may say. Every key has a default; an unknown key is an error. */
export const configSchema = z.strictObject({
  role_name: pattern(/^[\w+=,.@/-]{1,512}$/, 'an IAM role name')
    .default('StrongroomAuditor')
    .describe('The role assumed in every account.'),
  publisher_role_name: pattern(/^[\w+=,.@/-]{1,512}$/, 'an IAM role name')
    .default('StrongroomPublisher')
    .describe('The role assumed in every account to import findings into its Security Hub.'),
  securityhub: securityHub.prefault({}).describe('Where findings are published, and how.'),
  external_id: z.string().min(2).optional().describe('The external id that the role asks for.'),
  accounts: z.array(accountId).default([]).describe('Only these accounts; all when empty.'),
  ous: z.array(ouId).default([]).describe('Only accounts below these OUs; all when empty.'),
  exclude_accounts: z.array(accountId).default([]).describe('Never these accounts.'),
  regions: z.array(regionName).default([]).describe('Only these Regions; all when empty.'),
  services: z.array(z.string().min(1)).default([]).describe('Only these services; all when empty.'),
  controls: z.array(controlId).default([]).describe('Only these controls; all when empty.'),
  concurrency: z.int().min(1).max(256).default(8).describe('How many accounts are read at once.'),
  budget_share: z
    .number()
    .positive()
    .max(1)
    .default(0.5)
    .describe("The share of every API's request quota that the audit may use."),
  per_item_calls: z
    .int()
    .nonnegative()
    .default(200)
    .describe(
      'Resources of one service, account and Region that a run may read by calls of their own.',
    ),
  evidence_max_age_days: z
    .int()
    .nonnegative()
    .default(30)
    .describe(
      'How long what was read of such a resource stands in for it while the budget goes to others.',
    ),
  lake: z
    .string()
    .min(1)
    .refine((lake) => !isAddress(lake), LAKE_IS_A_FOLDER)
    .default('./strongroom-lake')
    .describe('The folder that runs are written to.'),
  duckdb: duckdb
    .prefault({})
    .describe('What judging on this machine may take; nothing of a run hangs on it.'),
  settings: settings.prefault({}).describe('What the controls ask for.'),
  trusted_accounts: z
    .array(accountId)
    .default([])
    .describe("Accounts trusted like the organization's own."),
  severities: z
    .record(controlId, severity)
    .default({})
    .describe('Other severities than the catalogue has, by control id.'),
  fail_on: failOn
    .optional()
    .describe(
      'From which severity on a failing finding makes `audit` and `diff` end with 1: one for all, or one for each family of controls (`all`: the others).',
    ),
  deployment: deployment.optional().describe('How it runs in AWS; the command line needs none.'),
  waivers: z.array(waiver).default([]).describe('Agreed exceptions, each with owner and expiry.'),
  waivers_file: z
    .string()
    .min(1)
    .optional()
    .describe('A YAML file with more waivers, a list; seen from the folder of this file.'),
})

/** A complete configuration: what the flags said, then the file, then the defaults. */
export type Config = Omit<z.output<typeof configSchema>, 'waivers_file'>

/** What a file or the flags give of a configuration. */
export type ConfigInput = z.input<typeof configSchema>

function explainAccountId(issue: { input?: unknown }): string {
  if (typeof issue.input === 'number') {
    return `${issue.input} is a number: put the account id in quotes, or it loses its leading zeros`
  }
  return `${show(issue.input)} is not an account id (12 digits)`
}

function show(input: unknown): string {
  return input === undefined ? 'nothing' : JSON.stringify(input)
}
