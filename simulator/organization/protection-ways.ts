import type { BackupSelection } from '@aws-sdk/client-backup'
import { dlmState } from '../operations/dlm.ts'
import { arnOf, type Cell, past } from './cell.ts'
import { type Store, type Tag, tagResource } from './store.ts'

/** How a store comes into a plan, or fails to. */
export type Way = 'tagged' | 'listed' | 'conditioned' | 'excluded' | 'instance' | 'nightly' | 'none'

const daily: Tag = { Key: 'backup', Value: 'daily' }
const weekly: Tag = { Key: 'backup', Value: 'weekly' }
const gold: Tag = { Key: 'tier', Value: 'gold' }
const nightly: Tag = { Key: 'snapshots', Value: 'nightly' }
const test: Tag = { Key: 'stage', Value: 'test' }

/** How a store is to come into a plan. */
export function wayFor({ random }: Cell, { type }: Store): Way {
  if (type !== 'EBS') return random.pick<Way>(['tagged', 'tagged', 'listed', 'excluded', 'none'])
  return random.pick<Way>([
    'tagged',
    'tagged',
    'listed',
    'conditioned',
    'excluded',
    'instance',
    'nightly',
    'none',
  ])
}

/** Gives a store the tags that go with its way. */
export function tag(cell: Cell, store: Store, way: Way): void {
  const own = store.tags.filter(({ Key }) => Key !== 'backup')
  const added: Record<Way, Tag[]> = {
    tagged: [daily],
    listed: [],
    // Half of them say that they are for tests, which the condition leaves out.
    conditioned: cell.random.chance(0.5) ? [gold, test] : [gold],
    excluded: [weekly],
    instance: [],
    nightly: [nightly],
    none: [],
  }
  store.setTags([...own, ...added[way]])
  store.tags = [...own, ...added[way]]
  tagResource(cell, store.arn, store.tags)
}

/** The selections of a second plan: by name, by conditions, by tag with exceptions. */
export function selectionsFor(
  listed: string[],
  excluded: string[],
): Omit<BackupSelection, 'IamRoleArn'>[] {
  return [
    ...listed.map((arn, index) => ({ SelectionName: `listed-${index + 1}`, Resources: [arn] })),
    {
      SelectionName: 'gold-volumes',
      Resources: ['arn:aws:ec2:*:*:volume/*'],
      Conditions: {
        StringEquals: [{ ConditionKey: 'aws:ResourceTag/tier', ConditionValue: 'gold' }],
        StringNotLike: [{ ConditionKey: 'aws:ResourceTag/stage', ConditionValue: 'te*' }],
      },
    },
    {
      SelectionName: 'weekly',
      NotResources: excluded,
      ListOfTags: [
        { ConditionType: 'STRINGEQUALS', ConditionKey: 'backup', ConditionValue: 'weekly' },
      ],
    },
  ]
}

/** Types that share their ARN with another: naming it does not stand in for the opt-in. */
const shared = ['Aurora', 'DocumentDB', 'Neptune']

/** Whether a plan chooses the store, given what the Region opts in. */
export function isPlanned({ state }: Cell, { type, tags }: Store, way: Way): boolean {
  const optedIn = state.backup.resourceTypeOptIn[type] ?? false
  if (way === 'tagged') return optedIn
  if (way === 'listed') return optedIn || !shared.includes(type)
  if (way === 'conditioned') return !tags.includes(test)
  return way === 'instance' && (state.backup.resourceTypeOptIn.EC2 ?? false)
}

/** Whether a policy of Data Lifecycle Manager takes snapshots of it: by its tag, or a default policy that takes what no instance boots from. */
export function isSnapshotted({ state }: Cell, { volume, tags }: Store): boolean {
  if (!volume) return false
  return dlmState(state).policies.some(({ State, DefaultPolicy, PolicyDetails }) => {
    if (State !== 'ENABLED' || PolicyDetails?.PolicyType !== 'EBS_SNAPSHOT_MANAGEMENT') return false
    return DefaultPolicy ? !volume.mayBoot() : tags.includes(nightly)
  })
}

/** An instance that the daily plan chooses by its tag, and with it the store, a volume of it. */
export function plantInstance(cell: Cell, store: Store): string {
  const id = `i-${cell.random.hex(17)}`
  const Tags = [daily, { Key: 'Name', Value: `app-${id.slice(-4)}` }]
  cell.state.ec2.instances.push({
    InstanceId: id,
    State: { Code: 16, Name: 'running' },
    ImageId: `ami-${cell.random.hex(17)}`,
    RootDeviceName: '/dev/xvda',
    BlockDeviceMappings: [
      { DeviceName: '/dev/xvda', Ebs: { VolumeId: `vol-${cell.random.hex(17)}` } },
      { DeviceName: '/dev/sdf', Ebs: { VolumeId: store.volume?.id } },
    ],
    LaunchTime: past(cell),
    Tags,
  })
  store.volume?.attach(id)
  const arn = arnOf(cell, 'ec2', `instance/${id}`)
  tagResource(cell, arn, Tags)
  return arn
}
