import { bigint, boolean, defineTable, double, int, string, timestamp } from './table.ts'

/** The tables that a run writes itself; like collected ones they live under `inventory/`. */
export const runTables = {
  accounts: defineTable('Accounts the run knows of, audited or not.', {
    arn: string('ARN of the account.'),
    name: string('Name of the account.'),
    state: string('State in the organization, such as `ACTIVE` or `SUSPENDED`.'),
    audited: boolean('Whether the run audits it.'),
    not_audited_reason: string('Why not: `suspended`, `excluded`, `management` …'),
    ou_path: string('Path of OUs, such as `o-x/r-x/ou-a/`.'),
    is_management: boolean('Whether it is the management account.'),
  }),
  account_ous: defineTable('OUs above each account, one row per ancestor OU or root.', {
    ou_id: string('Id of the OU or root.'),
    ou_path: string('Path of that OU.'),
  }),
  regions: defineTable('Regions in the run’s scope, one row each.', {}),
  collectors: defineTable('Collectors the run knows, requested or not.', {
    collector: string('Name of the collector.'),
    service: string('Service it reads.'),
    scope: string('`organization`, `account` or `cell`.'),
    requested: boolean('Whether the run asked for it.'),
  }),
  collector_tables: defineTable('Which collector fills which table.', {
    table_name: string('Name of the table.'),
    collector: string('Name of the collector.'),
  }),
  settings: defineTable('What the run judges by, one row.', {
    as_of: timestamp('The run’s one clock.'),
    required_key_manager: string('`any`, `aws_managed` or `customer`.'),
    air_gapped_owned_key_ok: boolean('Whether an air-gapped vault may use an AWS owned key.'),
    min_retention_days: int('Shortest retention that is long enough.'),
    recovery_point_grace_hours: int('Hours that a backup may be late.'),
    max_backup_deleters: int('How many principals of an account may be able to delete backups.'),
    organization_access: string(
      '`ok` or `fail`: how the organization’s own ways into an account are judged.',
    ),
    conditional_powers: string(
      '`allowed` or `ignored`: what a power counts as that hangs on a condition.',
    ),
    restore_test_max_age_days: int('How old the last successful restore test may be.'),
    critical_tag_key: string('Key of the tag that marks critical resources; none: not configured.'),
    critical_tag_value: string('Value of that tag.'),
    scp_denied_regions: string(
      '`unknown` or `out_of_scope`: Regions where an SCP denies every call.',
    ),
    scope_complete: boolean('Whether the run covers the whole scope.'),
  }),
  trusted_accounts: defineTable('Accounts that may share in backups, one row each.', {
    trusted_account_id: string('Id of the trusted account.'),
  }),
  isolation_required: defineTable('Accounts whose backups must be copied away, one row each.', {
    isolated_account_id: string('Id of the account.'),
  }),
  waivers: defineTable('Agreed exceptions, one row each.', {
    waiver_id: string('Id of the waiver.'),
    control_id: string('Control it excepts from; `*`: all.'),
    waived_account_id: string('Account it holds for; `*`: all.'),
    waived_ou_id: string('OU it holds for; `*`: all.'),
    resource_pattern: string('SQL LIKE pattern of the resource’s ARN, escaped by a backslash.'),
    owner: string('Who answers for it.'),
    reason: string('Why it was agreed.'),
    expires_at: timestamp('When it ends; none: never.'),
  }),
  controls: defineTable('Controls that the run judges, one row each.', {
    control_id: string('Id of the control.'),
    title: string('Title.'),
    family: string('Family.'),
    severity: string('`critical`, `high`, `medium` or `low`.'),
    weight: int('Weight in the score.'),
  }),
  answers: defineTable('Slices of the answers that count, one row each.', {
    unit: string('Unit of work.'),
    pass: int('Pass that answered.'),
    attempt: string('Attempt that answered.'),
    collector: string('Name of the collector.'),
    status: string('`complete`, `partial`, `unread` or `not_applicable`.'),
    cause: string('Why it is not complete.'),
    detail: string('What AWS said.'),
    calls: bigint('API calls made.'),
    retries: bigint('Calls repeated.'),
    throttles: bigint('Calls throttled.'),
    rows: bigint('Rows read.'),
    resources: bigint('Rows among them that stand for an AWS resource; the others are settings.'),
    seconds: double('Time it took.'),
  }),
  gaps: defineTable('What could not be read, and why.', {
    collector: string('Name of the collector; `*`: all.'),
    table_name: string('Table with the gap; `*`: all of the collector’s.'),
    resource_arn: string('Resource that could not be read; none: the whole table.'),
    operation: string('Operation that failed.'),
    cause: string('Cause of the gap.'),
    detail: string('What AWS said.'),
  }),
  item_reads: defineTable(
    'Resources that were read by calls of their own, one row each; observed at that time.',
    {
      collector: string('Name of the collector.'),
      table_name: string('Table that the calls fill.'),
      resource_arn: string('Resource that was read.'),
    },
  ),
  carried_evidence: defineTable(
    'Resources that the budget left out of this run, and whose rows an earlier run supplied; observed at that time.',
    {
      collector: string('Name of the collector.'),
      table_name: string('Table whose rows were carried.'),
      resource_arn: string('Resource that was left out.'),
      from_run_id: string('Run whose rows they are.'),
    },
  ),
  coverage: defineTable('What was read of every cell, computed from the answers.', {
    collector: string('Name of the collector.'),
    status: string('`complete`, `partial`, `unread` or `not_applicable`.'),
    cause: string('Why it is not complete.'),
    detail: string('What AWS said.'),
  }),
  table_coverage: defineTable(
    'Whether each table was read whole in a cell, computed from the coverage.',
    {
      table_name: string('Name of the table.'),
      status: string('`complete`, `unread` or `not_applicable`.'),
      cause: string('Why it is not complete.'),
      detail: string('What AWS said.'),
    },
  ),
}

/** Those of them that are computed once the others are there. */
export const coverageTables = ['coverage', 'table_coverage'] as const
export type CoverageTable = (typeof coverageTables)[number]

/** Findings of a run; `control_id` is a partition, and so is not in the files. */
export const findings = defineTable('Judgements, one row per control and resource.', {
  control_id: string('Control that judged.'),
  finding_id: string('Id of the finding, stable over runs.'),
  resource_arn: string('Resource that was judged.'),
  resource_type: string('Type of the resource as Security Hub names it.'),
  related_arn: string('The other end of the judgement, such as the key.'),
  status: string('`pass`, `fail`, `unknown` or `waived`.'),
  reason: string('What was seen.'),
  severity: string('Severity of the control.'),
  family: string('Family of the control.'),
})

/** Scores of a run by group. */
export const scores = defineTable('Scores, one row per group.', {
  group_type: string(
    '`organization`, `ou`, `account`, `region`, `family`, `control`, `ou_family` or `account_family`.',
  ),
  group_id: string('Which one; of an OU’s or account’s family, both with a slash between.'),
  value: double('Share of passes among what was judged, from 0 to 1; none: nothing was judged.'),
  low: double('The least it can be, whatever the unknown turns out to be.'),
  high: double('The most it can be.'),
  coverage: double('Slices complete among slices expected.'),
  slices_expected: bigint('Slices expected.'),
  slices_complete: bigint('Slices complete.'),
  passed: bigint('Findings that pass.'),
  failed: bigint('Findings that fail.'),
  unknown: bigint('Findings that could not be judged.'),
  waived: bigint('Findings that are waived.'),
})

/** What a finding in a hub says: of what is to be sent, and of what was. */
const hubRecord = {
  generation: bigint('Number of the publication; the newest one that ended is what counts.'),
  attempt: int('Attempt at the publication.'),
  finding_id: string('Id of the finding in Security Hub.'),
  control_id: string('Control that judged.'),
  target_account: string('Account whose hub it is in.'),
  target_region: string('Region of that hub.'),
  resource_arn: string('What is judged: a resource, a vault or a source.'),
  resource_type: string('Type of the resource as Security Hub names it; none: told by the ARN.'),
  related_arn: string('The other end of the judgement, such as the key.'),
  granularity: string('`resource`, `vault` or `source`.'),
  judged: bigint('Resources that the finding stands for.'),
  failed: bigint('How many of them fail.'),
  samples: string('ARNs of some that fail, one a line.'),
  sample_type: string('Type of those.'),
  reason: string('What was seen when it was last judged.'),
  note_code: string(
    'Why it says what it says: `FAILED`, `PASSED`, `COULD_NOT_BE_READ`, `WAIVED` …',
  ),
  note: string('The same in words.'),
  severity: string('Severity of the control.'),
  compliance: string('`FAILED`, `PASSED` or `NOT_AVAILABLE`.'),
  record_state: string('`ACTIVE` or `ARCHIVED`.'),
  content_hash: string('What it said, in short; none: it is not sure that the hub took it.'),
  subscribed_at: string('Since when the hub is switched on, as it said; none: it did not say.'),
  first_observed_at: timestamp('When it was first seen failing.'),
  updated_at: timestamp('When it was last sent: the `UpdatedAt` of the finding.'),
}

/** What each Security Hub holds from us after a publication, whole. */
export const hubState = defineTable('What each Security Hub holds from Strongroom.', hubRecord)

/** What a publication set out to send, written before anything is sent. */
export const hubPlans = defineTable('What a publication set out to send to Security Hub.', {
  ...hubRecord,
  action: string('`create`, `update`, `reopen`, `heartbeat`, `resolve` or `archive`.'),
  why: string('Why it is sent.'),
  hub_status: string('`on`, `off`, `unverified` or `unreachable`.'),
})

/** What became of it. */
export const publications = defineTable('What became of each finding that was to be sent.', {
  generation: bigint('Number of the publication.'),
  attempt: int('Attempt at the publication.'),
  finding_id: string('Id of the finding in Security Hub.'),
  control_id: string('Control that judged.'),
  target_account: string('Account whose hub it was for.'),
  target_region: string('Region of that hub.'),
  action: string('What was to be done.'),
  outcome: string('`accepted`, `refused`, `unsure`, `hub_off`, `unreachable` or `not_sent`.'),
  error_code: string('What Security Hub answered.'),
  error_message: string('The same in words.'),
  tries: int('How often it was sent.'),
})

/** The hubs that a publication looked at; the account and Region are the hub's. */
export const hubs = defineTable('Security Hubs that a publication looked at.', {
  generation: bigint('Number of the publication.'),
  attempt: int('Attempt at the publication.'),
  status: string(
    '`on`, `off`, `unverified` (it may not be asked, or there was no time to) or `unreachable`.',
  ),
  subscribed_at: string('Since when it is switched on, as it says.'),
  detail: string('What AWS said.'),
})

/** The tables that scoring and publishing write. */
export const resultTables = {
  findings,
  scores,
  hub_state: hubState,
  hub_plans: hubPlans,
  publications,
  hubs,
}
