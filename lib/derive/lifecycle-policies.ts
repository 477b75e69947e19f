import type { StoredRow } from '../lake/table.ts'
import { longestPauseHours } from './schedule.ts'

/** An enabled policy of Data Lifecycle Manager that makes snapshots. */
export interface LifecyclePolicy {
  arn: string
  description: string | null
  isDefault: boolean
  resourceTypes: string[]
  targetTags: Tag[]
  excludeTags: Tag[]
  excludesBootVolumes: boolean
  excludedVolumeTypes: string[]
  intervalHours: number | undefined
}

/** An EBS volume as such a policy sees it. */
export interface LifecycleVolume {
  tags: Record<string, string>
  volumeType: string | null
  /** The instance that it is attached to; undefined: none. */
  instance: { tags: Record<string, string>; rootVolumeId: string | null } | undefined
  /** Whether it is attached, even to an instance that is not known. */
  attached: boolean
  volumeId: string
}

interface Tag {
  key: string
  value: string
}

/** Snapshots of volumes, and images, which hold snapshots of an instance's volumes. */
const TYPES = new Set(['EBS_SNAPSHOT_MANAGEMENT', 'IMAGE_MANAGEMENT'])

/** Reads the policies of one cell that run, and in the Region itself. */
export function readLifecyclePolicies({
  rows,
  asOf,
}: {
  rows(table: string): StoredRow[]
  asOf: Date
}): LifecyclePolicy[] {
  return rows('dlm_policies')
    .filter(({ state, policy_type }) => state === 'ENABLED' && TYPES.has(String(policy_type)))
    .filter(({ resource_locations: at }) => !at || list(at).includes('CLOUD'))
    .map((policy) => {
      const mine = (table: string) => rows(table).filter((row) => row.policy_arn === policy.arn)
      const tags = (purpose: string) =>
        mine('dlm_policy_tags')
          .filter((row) => row.purpose === purpose)
          .map((row) => ({ key: String(row.tag_key ?? ''), value: String(row.tag_value ?? '') }))
      const pauses = mine('dlm_schedules').flatMap((schedule) => pauseOf(schedule, asOf) ?? [])
      return {
        arn: String(policy.arn),
        description: typeof policy.description === 'string' ? policy.description : null,
        isDefault: policy.default_policy === true,
        resourceTypes: list(policy.resource_types),
        targetTags: tags('target'),
        excludeTags: tags('exclude'),
        excludesBootVolumes: policy.exclude_boot_volumes === true,
        excludedVolumeTypes: list(policy.exclude_volume_types),
        intervalHours: pauses.length > 0 ? Math.ceil(Math.min(...pauses)) : undefined,
      }
    })
}

/**
 * Whether a policy takes snapshots of a volume. Any one target tag chooses, on the volume or, for policies of instances, on the instance;
 * a default policy takes all but what it excludes. Whether an attached volume is its instance's boot volume must be known where boot
 * volumes are excluded.
 * Source: Amazon EBS user guide, "Create Amazon Data Lifecycle Manager custom policy" and "default policies".
 */
export function snapshots(policy: LifecyclePolicy, volume: LifecycleVolume): boolean {
  if (policy.excludeTags.some((tag) => carries(volume.tags, tag))) return false
  if (policy.excludedVolumeTypes.includes(volume.volumeType ?? '')) return false
  if (policy.excludesBootVolumes && mayBeBootVolume(volume)) return false
  return policy.resourceTypes.some((type) => {
    const tags = type === 'INSTANCE' ? volume.instance?.tags : volume.tags
    if (!tags) return false
    return policy.isDefault || policy.targetTags.some((tag) => carries(tags, tag))
  })
}

function mayBeBootVolume({ attached, instance, volumeId }: LifecycleVolume): boolean {
  if (!attached) return false
  return !instance?.rootVolumeId || instance.rootVolumeId === volumeId
}

function carries(tags: Record<string, string>, { key, value }: Tag): boolean {
  return tags[key] === value
}

function pauseOf(schedule: StoredRow, from: Date): number | undefined {
  if (typeof schedule.interval_hours === 'number') return schedule.interval_hours
  if (typeof schedule.cron !== 'string') return undefined
  return longestPauseHours(schedule.cron, { timezone: null, from })
}

function list(value: unknown): string[] {
  return typeof value === 'string' && value !== '' ? value.split(',') : []
}
