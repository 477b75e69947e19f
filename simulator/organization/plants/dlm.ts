import type { CrossRegionCopyRule, LifecyclePolicy, Schedule } from '@aws-sdk/client-dlm'
import { dlmState } from '../../operations/dlm.ts'
import { arnOf, type Cell, past, type Status } from '../cell.ts'
import { oddNames } from '../odd-names.ts'
import { definePlant } from '../plant.ts'

const encrypted = 'snapshot-policies-encrypt-their-copies'
const shared = 'snapshot-policies-share-only-with-trusted-accounts'

/** An account that is nobody's here. */
const vendor = '999988887777'

interface PolicyOptions {
  description: string
  schedules?: Schedule[]
  state?: 'ENABLED' | 'DISABLED' | 'ERROR'
  details?: LifecyclePolicy['PolicyDetails']
  isDefault?: boolean
  copies?: Status
  shares?: Status
}

/** Policies that copy and share their snapshots, well and badly, and those that are not judged. */
export default definePlant({
  controls: { [encrypted]: ['dlm'], [shared]: ['dlm'] },
  plant(cell, { workload, random, organization, dataKey }) {
    if (!workload) return
    const own: Cell = { ...cell, random }
    const peer = random.pick([organization.managementAccountId, ...organization.accountIds])
    const copy = (Encrypted: boolean, CmkArn?: string): CrossRegionCopyRule => ({
      Target: 'eu-west-2',
      Encrypted,
      ...(CmkArn ? { CmkArn } : {}),
      RetainRule: { Interval: 3, IntervalUnit: 'MONTHS' },
    })
    const share = (...TargetAccounts: string[]) => [{ TargetAccounts }]
    const sealed = schedule('sealed', { CrossRegionCopyRules: [copy(true, dataKey.arn)] })
    const open = schedule(oddNames[2], { CrossRegionCopyRules: [copy(true), copy(false)] })
    if (random.chance(0.5))
      plantPolicy(own, { description: 'Nightly', schedules: [sealed], copies: 'pass' })
    if (random.chance(0.4))
      plantPolicy(own, { description: oddNames[1], schedules: [sealed, open], copies: 'fail' })
    if (random.chance(0.4)) {
      const schedules = [schedule('team', { ShareRules: share(peer) })]
      plantPolicy(own, { description: 'For the other team', schedules, shares: 'pass' })
    }
    if (random.chance(0.4)) {
      const schedules = [schedule('vendor', { ShareRules: share(peer, vendor) })]
      plantPolicy(own, { description: oddNames[3], schedules, shares: 'fail' })
    }
    if (random.chance(0.3))
      plantUnjudged(own, [open, schedule('old', { ShareRules: share(vendor) })])
    if (random.chance(0.2)) plantEventPolicy(own)
  },
})

function schedule(Name: string, rules: Partial<Schedule>): Schedule {
  return {
    Name,
    CopyTags: true,
    CreateRule: { Interval: 24, IntervalUnit: 'HOURS', Times: ['03:00'], Location: 'CLOUD' },
    RetainRule: { Count: 14 },
    ...rules,
  }
}

/** What is switched off or broken does nothing; a default policy cannot say that its copies be encrypted. */
function plantUnjudged(cell: Cell, schedules: Schedule[]): void {
  plantPolicy(cell, { description: 'Switched off', schedules, state: 'DISABLED' })
  plantPolicy(cell, { description: 'Broken', schedules, state: 'ERROR' })
  plantPolicy(cell, {
    description: 'Default policy for EBS snapshots',
    isDefault: true,
    details: {
      PolicyType: 'EBS_SNAPSHOT_MANAGEMENT',
      PolicyLanguage: 'SIMPLIFIED',
      ResourceType: 'VOLUME',
      CreateInterval: 1,
      RetainInterval: 7,
      CrossRegionCopyTargets: [{ TargetRegion: 'eu-west-2' }],
      Exclusions: { ExcludeBootVolumes: true, ExcludeTags: [{ Key: 'backup', Value: 'none' }] },
    },
  })
}

/** Copies what another account shares. */
function plantEventPolicy(cell: Cell): void {
  const isEncrypted = cell.random.chance(0.5)
  plantPolicy(cell, {
    description: 'Copy what is shared with us',
    copies: isEncrypted ? 'pass' : 'fail',
    details: {
      PolicyType: 'EVENT_BASED_POLICY',
      EventSource: {
        Type: 'MANAGED_CWE',
        Parameters: {
          EventType: 'shareSnapshot',
          SnapshotOwner: [vendor],
          DescriptionRegex: '^.*Created for policy: policy-.*$',
        },
      },
      Actions: [
        {
          Name: 'keep',
          CrossRegionCopy: [
            { Target: cell.region, EncryptionConfiguration: { Encrypted: isEncrypted } },
          ],
        },
      ],
    },
  })
}

function plantPolicy(cell: Cell, options: PolicyOptions): void {
  const { description, schedules, state = 'ENABLED', isDefault = false, copies, shares } = options
  const PolicyId = `policy-${cell.random.hex(17)}`
  const PolicyArn = arnOf(cell, 'dlm', `policy/${PolicyId}`)
  dlmState(cell.state).policies.push({
    PolicyId,
    PolicyArn,
    Description: description,
    State: state,
    ExecutionRoleArn: `arn:aws:iam::${cell.accountId}:role/service-role/AWSDataLifecycleManagerDefaultRole`,
    DateCreated: past(cell),
    DateModified: past(cell),
    DefaultPolicy: isDefault,
    Tags: { team: 'storage' },
    PolicyDetails: options.details ?? {
      PolicyType: 'EBS_SNAPSHOT_MANAGEMENT',
      ResourceTypes: ['VOLUME'],
      ResourceLocations: ['CLOUD'],
      TargetTags: [{ Key: 'snapshots', Value: 'nightly' }],
      Schedules: schedules,
    },
  })
  const resource = [PolicyArn, 'AwsDlmLifecyclePolicy'] as const
  if (copies) cell.ledger.expect(cell, 'dlm', encrypted, copies, resource)
  if (shares) cell.ledger.expect(cell, 'dlm', shared, shares, resource)
}
