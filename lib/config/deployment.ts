import { z } from 'zod'

const pattern = (expression: RegExp, hint: string) =>
  z
    .string()
    .regex(expression, { error: (issue) => `${JSON.stringify(issue.input)} is not ${hint}` })

const securityHub = z.strictObject({
  publish: z.boolean().default(true).describe('Whether each run tells Security Hub its findings.'),
  insights: z
    .boolean()
    .default(false)
    .describe('Insights of the worst accounts and controls, and of what was not read.'),
  aggregate: z
    .union([z.literal('all'), z.array(pattern(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a Region name'))])
    .default([])
    .describe(
      'Regions whose findings are shown in the Region of the pipeline too; `all`, or a list.',
    ),
})

/** How Strongroom is deployed: read by `cdk deploy`, `doctor` and `query --engine athena`. */
export const deployment = z.strictObject({
  account: pattern(/^\d{12}$/, 'an account id (12 digits)').describe(
    'The audit account: a delegated administrator, in quotes.',
  ),
  region: pattern(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a Region name').describe('Where the pipeline runs.'),
  organization_id: pattern(/^o-[a-z0-9]{10,32}$/, 'an organization id (o-…)').describe(
    'The organization; no other can use the member roles.',
  ),
  targets: z
    .array(pattern(/^(ou-[a-z0-9-]+|r-[a-z0-9]+)$/, 'an OU or root id (ou-… or r-…)'))
    .min(1)
    .describe('Roots and OUs whose accounts get the member roles, new accounts included.'),
  name: pattern(/^[a-z][a-z0-9_]{2,23}$/, 'a name (lower case, digits, _)')
    .default('strongroom')
    .describe('Prefix of what is named; another one makes a second deployment possible.'),
  schedule: pattern(/^(cron|rate)\(.+\)$/, 'a schedule: cron(…) or rate(…)')
    .default('cron(45 4 * * ? *)')
    .describe('When it runs.'),
  timezone: z.string().min(1).default('UTC').describe('Time zone of the schedule.'),
  workers: z
    .int()
    .min(1)
    .max(1000)
    .default(100)
    .describe('Accounts that are read at once; twice as many concurrent Lambdas are reserved.'),
  assumable_by: z
    .array(z.string().startsWith('arn:'))
    .default([])
    .describe('ARNs of people’s roles that may use the member roles too, for the command line.'),
  alarm_emails: z.array(z.email()).default([]).describe('Who is told of alarms.'),
  coverage_threshold: z
    .number()
    .min(0)
    .max(1)
    .default(0.95)
    .describe('The share of slices that must be read whole.'),
  score_drop_threshold: z
    .number()
    .min(0)
    .max(1)
    .default(0.02)
    .describe('How far the score may fall from one run to the next.'),
  overdue_hours: z
    .int()
    .min(1)
    .max(168)
    .default(26)
    .describe('How long the last successful run may be ago.'),
  athena_bytes_limit: z
    .int()
    .min(10_000_000)
    .default(1_099_511_627_776)
    .describe('Bytes that one query may scan.'),
  security_hub: securityHub
    .prefault({})
    .describe('What is made of Security Hub; what is sent to it says `securityhub`.'),
  keep_lake: z.boolean().default(true).describe('Whether the lake outlives the stack.'),
  tags: z.record(z.string(), z.string()).default({}).describe('Tags of everything that is made.'),
})

/** A deployment, complete. */
export type Deployment = z.output<typeof deployment>
