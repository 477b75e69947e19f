import type { Snapshot } from '@aws-sdk/client-ec2'
import type { ResourceTag } from '@aws-sdk/client-rbin'
import { rbinState, type SimulatedRule } from '../../operations/rbin.ts'
import { arnOf, type Cell, type Status } from '../cell.ts'
import { oddNames } from '../odd-names.ts'
import { definePlant } from '../plant.ts'

const control = 'snapshots-outlive-their-deletion'

/** Rules of the Recycle Bin: over the whole Region, by tags and with exclusions, and some that keep nothing. */
export default definePlant({
  controls: { [control]: ['ec2'] },
  plant(cell, { workload, story, random }) {
    if (!workload) return
    const own: Cell = { ...cell, random }
    const name = (ResourceTagValue: string) => ({ ResourceTagKey: 'Name', ResourceTagValue })
    if (random.chance(0.2)) plantRule(own, { Description: 'Everything', LockState: 'locked' })
    if (random.chance(0.2)) plantRule(own, { ExcludeResourceTags: [name('before-migration')] })
    if (story && random.chance(0.2))
      plantRule(own, { ExcludeResourceTags: [{ ResourceTagKey: 'Name' }] })
    if (random.chance(0.3))
      plantRule(own, { ResourceTags: [name('before-migration'), name(oddNames[0])] })
    if (random.chance(0.2)) plantRule(own, { ResourceTags: oddNames.map(name) })
    if (story && random.chance(0.1)) plantRule(own, { ResourceTags: [{ ResourceTagKey: 'Name' }] })
    // A part of a value, a value as a key, and another case are no matches.
    if (random.chance(0.3))
      plantRule(own, {
        ResourceTags: [
          name('before'),
          { ResourceTagKey: 'before-migration' },
          { ResourceTagKey: 'name', ResourceTagValue: 'before-migration' },
        ],
      })
    if (random.chance(0.3)) plantRule(own, { Status: 'pending' })
    if (random.chance(0.3)) plantRule(own, { ResourceType: 'EC2_IMAGE' })
  },
  conclude(cell) {
    for (const snapshot of cell.state.ec2.snapshots) {
      if (snapshot.Tags?.some(({ Key }) => Key === 'aws:backup:source-resource')) continue
      const arn = `arn:aws:ec2:${cell.region}::snapshot/${snapshot.SnapshotId}`
      cell.ledger.expect(cell, 'ec2', control, statusOf(cell, snapshot), [arn, 'AwsEc2Snapshot'])
    }
  },
})

function plantRule(cell: Cell, rule: Partial<SimulatedRule>): void {
  const Identifier = cell.random.text(
    11,
    'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  )
  rbinState(cell.state).rules.push({
    Identifier,
    RuleArn: arnOf(cell, 'rbin', `rule/${Identifier}`),
    ResourceType: 'EBS_SNAPSHOT',
    RetentionPeriod: { RetentionPeriodValue: cell.random.int(1, 365), RetentionPeriodUnit: 'DAYS' },
    Status: 'available',
    LockState: 'unlocked',
    ...rule,
  })
}

function statusOf(cell: Cell, snapshot: Snapshot): Status {
  const lock = cell.state.ec2.lockedSnapshots.find(
    ({ SnapshotId }) => SnapshotId === snapshot.SnapshotId,
  )
  if (lock && lock.LockState !== 'expired') return 'pass'
  const covers = rbinState(cell.state)
    .rules.filter((rule) => rule.ResourceType === 'EBS_SNAPSHOT' && rule.Status === 'available')
    .map((rule) => coverage(rule, snapshot))
  if (covers.includes('yes')) return 'pass'
  return covers.includes('maybe') ? 'unknown' : 'fail'
}

type Answer = 'no' | 'maybe' | 'yes'

function coverage(
  { ResourceTags = [], ExcludeResourceTags = [] }: SimulatedRule,
  snapshot: Snapshot,
) {
  const taken: Answer = ResourceTags.length === 0 ? 'yes' : best(ResourceTags, snapshot)
  const left = best(ExcludeResourceTags, snapshot)
  if (taken === 'no' || left === 'yes') return 'no'
  return taken === 'yes' && left === 'no' ? 'yes' : 'maybe'
}

function best(wanted: ResourceTag[], { Tags = [] }: Snapshot): Answer {
  const answers = wanted.flatMap(({ ResourceTagKey, ResourceTagValue }) =>
    Tags.filter(({ Key }) => Key === ResourceTagKey).map(({ Value = '' }): Answer => {
      if (ResourceTagValue === undefined) return Value === '' ? 'yes' : 'maybe'
      return Value === ResourceTagValue ? 'yes' : 'no'
    }),
  )
  if (answers.includes('yes')) return 'yes'
  return answers.includes('maybe') ? 'maybe' : 'no'
}
