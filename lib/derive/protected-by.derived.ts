import type { StoredRow } from '../lake/table.ts'
import { bigint, boolean, defineTable, string, timestamp } from '../lake/table.ts'
import { type DerivedCell, defineDerivation } from './derivation.ts'
import {
  type LifecyclePolicy,
  type LifecycleVolume,
  readLifecyclePolicies,
  snapshots,
} from './lifecycle-policies.ts'
import { type BackupPlan, planProtections, readPlans } from './plans.ts'
import type { Candidate } from './selection.ts'
import { storeKinds, storeTables } from './stores.ts'

const tables = {
  data_stores: defineTable('Data stores that AWS Backup could protect, one row each.', {
    arn: string('ARN of the data store.'),
    resource_type: string('AWS Backup’s resource type, such as `EBS` or `Aurora`.'),
    finding_type: string('Its type as Security Hub names it.'),
    name: string('Its name or id.'),
    created_at: timestamp('When it was created.'),
    kms_key_arn: string('KMS key that its data is encrypted with.'),
    critical: boolean('Whether it carries the tag that the settings call critical.'),
    tags: string('Its tags as a JSON object.'),
  }),
  protected_by: defineTable(
    'What protects each data store: one row for each plan selection that chooses it.',
    {
      resource_arn: string('ARN of the data store.'),
      resource_type: string('AWS Backup’s resource type.'),
      kind: string('`backup_plan`, or `dlm` for a policy of Data Lifecycle Manager.'),
      plan_arn: string('ARN of the plan or policy.'),
      plan_name: string('Name of the plan, description of the policy.'),
      selection_name: string('Selection that chooses it.'),
      through_arn: string(
        'The EC2 instance through whose selection a volume is protected; none: chosen itself.',
      ),
      interval_hours: bigint(
        'Longest pause between two backups by the plan, in hours; none: it cannot be told.',
      ),
      continuous: boolean('Whether the plan makes continuous backups.'),
      recent_since: timestamp(
        'A backup by the plan is recent when it is younger than this: twice the pause and the grace of the settings before the run.',
      ),
    },
  ),
}

type Cell = DerivedCell<typeof tables>

/**
 * Which data stores there are, and which plan of their own account and Region protects each. A plan of another account protects
 * nothing here: plans choose among their own account's resources.
 */
export default defineDerivation({
  service: 'derive',
  scope: 'cell',
  reads: [
    ...storeTables,
    's3_bucket_encryption',
    'kms_aliases',
    'ec2_instances',
    'resource_tags',
    'backup_plans',
    'backup_plan_rules',
    'backup_selections',
    'backup_region_settings',
    'dlm_policies',
    'dlm_policy_tags',
    'dlm_schedules',
  ],
  tables,
  derive(cell) {
    const tagsOf = readTags(cell)
    const stores = readStores(cell, tagsOf)
    const plans = readPlans(cell)
    cell.needs('protected_by', [
      'backup_plans',
      'backup_plan_rules',
      'backup_selections',
      'backup_region_settings',
      'ec2_instances',
      'dlm_policies',
      'dlm_policy_tags',
      'dlm_schedules',
    ])
    const policies = readLifecyclePolicies(cell)
    if (policies.length > 0 || plans.some((plan) => plan.readsTags)) {
      cell.needs('protected_by', ['resource_tags'])
    }
    const instances = cell.rows('ec2_instances').map((row) => candidate(row.arn, 'EC2', tagsOf))
    for (const store of stores) {
      putProtections(cell, store, plans)
      if (store.type === 'EBS') putLifecycleProtections(cell, store, { policies, tagsOf })
      if (!store.instanceArn) continue
      const instance = instances.find(({ arn }) => arn === store.instanceArn)
      if (instance) putProtections(cell, store, plans, instance)
    }
  },
})

type TagsOf = (arn: string) => Record<string, string>

function readTags(cell: Cell): TagsOf {
  const known = new Map(
    cell.rows('resource_tags').map(({ arn, tags }) => [arn, JSON.parse(String(tags ?? '{}'))]),
  )
  return (arn) => known.get(arn) ?? {}
}

interface Store extends Candidate {
  row: StoredRow
  instanceArn: string | undefined
}

function readStores(cell: Cell, tagsOf: TagsOf): Store[] {
  cell.needs('data_stores', storeTables)
  const [criticalKey, criticalValue] = cell.config.settings.critical_tag?.split(/=(.*)/s) ?? []
  if (criticalKey) cell.needs('data_stores', ['resource_tags'])
  const bucketKey = bucketKeys(cell)
  return storeKinds.flatMap((kind) =>
    cell
      .rows(kind.table)
      .filter((row) => kind.counts(row))
      .map((row) => {
        const type = typeof kind.type === 'string' ? kind.type : kind.type(row)
        const store = candidate(row.arn, type, tagsOf)
        const { region, accountId, partition } = cell
        const instance = row.instance_id
        cell.put('data_stores', {
          arn: store.arn,
          resource_type: type,
          finding_type: kind.findingType,
          name: text(row[kind.name]),
          created_at: row[kind.createdAt] instanceof Date ? (row[kind.createdAt] as Date) : null,
          kms_key_arn: kind.table === 's3_buckets' ? bucketKey(store.arn) : text(row.kms_key_arn),
          critical: criticalKey ? store.tags[criticalKey] === criticalValue : false,
          tags: JSON.stringify(store.tags),
        })
        return {
          ...store,
          row,
          instanceArn: instance
            ? `arn:${partition}:ec2:${region}:${accountId}:instance/${instance}`
            : undefined,
        }
      }),
  )
}

/** The key of a bucket's default encryption; where the bucket names an alias, the key behind it. */
function bucketKeys(cell: Cell): (bucketArn: string) => string | null {
  const aliased = new Map(cell.rows('kms_aliases').map(({ name, key_arn }) => [name, key_arn]))
  const keys = new Map(
    cell
      .rows('s3_bucket_encryption')
      .map(({ bucket_arn, kms_key_arn }) => [bucket_arn, kms_key_arn]),
  )
  return (bucketArn) => {
    const key = text(keys.get(bucketArn))
    const alias = key?.split(':').at(-1)
    return alias?.startsWith('alias/') ? text(aliased.get(alias)) : key
  }
}

function putProtections(cell: Cell, store: Store, plans: BackupPlan[], through?: Candidate): void {
  for (const { plan, selection } of planProtections(plans, through ?? store)) {
    cell.put('protected_by', {
      resource_arn: store.arn,
      resource_type: store.type,
      kind: 'backup_plan',
      plan_arn: plan.arn,
      plan_name: plan.name,
      selection_name: selection,
      through_arn: through?.arn ?? null,
      interval_hours: plan.intervalHours ?? null,
      continuous: plan.continuous,
      recent_since: recentSince(cell, plan.intervalHours),
    })
  }
}

function putLifecycleProtections(
  cell: Cell,
  store: Store,
  { policies, tagsOf }: { policies: LifecyclePolicy[]; tagsOf: TagsOf },
): void {
  const instance = cell.rows('ec2_instances').find(({ arn }) => arn === store.instanceArn)
  const volume: LifecycleVolume = {
    tags: store.tags,
    volumeType: text(store.row.volume_type),
    attached: store.instanceArn !== undefined,
    instance: instance && {
      tags: tagsOf(String(instance.arn)),
      rootVolumeId: text(instance.root_volume_id),
    },
    volumeId: String(store.row.volume_id),
  }
  for (const policy of policies.filter((one) => snapshots(one, volume))) {
    cell.put('protected_by', {
      resource_arn: store.arn,
      resource_type: store.type,
      kind: 'dlm',
      plan_arn: policy.arn,
      plan_name: policy.description,
      interval_hours: policy.intervalHours ?? null,
      continuous: false,
      recent_since: recentSince(cell, policy.intervalHours),
    })
  }
}

function recentSince({ asOf, config }: Cell, intervalHours: number | undefined): Date | null {
  if (intervalHours === undefined) return null
  const hours = 2 * intervalHours + config.settings.recovery_point_grace_hours
  return new Date(asOf.getTime() - hours * 3_600_000)
}

function candidate(arn: unknown, type: string, tagsOf: TagsOf): Candidate {
  return { arn: String(arn), type, tags: tagsOf(String(arn)) }
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
