import { snsState } from '../../operations/sns.ts'
import type { CellState } from '../../state.ts'
import { arnOf, type Cell, type Status } from '../cell.ts'
import {
  type Destination,
  type EventKind,
  isHeard,
  type PlantedRule,
  plantDestinations,
  plantRule,
  type TemplateName,
} from '../event-rules.ts'
import { definePlant, type Soil } from '../plant.ts'
import { recordsCalls } from '../trails.ts'
import { judgedVaults } from '../vaults.ts'

const rules = new WeakMap<CellState, PlantedRule[]>()

/** Who hears of what happens to the vaults: topics that they notify, and rules on the events. */
export default definePlant({
  controls: { 'vaults-notify': ['backup'], 'backup-tampering-raises-an-event': ['backup'] },
  plant(cell, soil) {
    if (!soil.workload) return
    plantDestinations(cell)
    plantNotifications(cell, soil)
    rules.set(cell.state, plantRules(cell, soil))
  },
  conclude(cell) {
    const planted = rules.get(cell.state) ?? []
    const calls = recordsCalls(cell)
    for (const { name, arn } of judgedVaults(cell)) {
      const told = (kind: EventKind) =>
        isNotified(cell, name, kind) ? 'yes' : isHeard(planted, kind, calls)
      const resource = [arn, 'AwsBackupBackupVault'] as const
      const expect = (control: string, status: Status) =>
        cell.ledger.expect(cell, 'backup', control, status, resource)
      expect('vaults-notify', worst((['job', 'copy', 'modified'] as const).map(told)))
      const tampering = (['deleted', 'unlocked', 'replaced', 'opened'] as const).map((kind) =>
        isHeard(planted, kind, calls),
      )
      expect('backup-tampering-raises-an-event', worst(tampering))
    }
  },
})

function worst(answers: ('yes' | 'no' | 'perhaps')[]): Status {
  if (answers.includes('no')) return 'fail'
  return answers.includes('perhaps') ? 'unknown' : 'pass'
}

/** The sets of rules that a cell may have, each rule with the name of its template. */
const SETS: readonly [TemplateName[], ...TemplateName[][]] = [
  ['tampering', 'failures'],
  ['tampering', 'unfinished'],
  ['everything'],
  ['everything', 'rootOnly'],
  ['points', 'deletions', 'policies', 'failures'],
  ['deletions', 'unfinished'],
  ['points', 'policies'],
  ['otherVault', 'rootOnly'],
  [],
]

const HEARD: readonly [Destination, ...Destination[]] = [
  'function',
  'topic',
  'audit bus',
  'own bus',
]
const UNHEARD: readonly [Destination, ...Destination[]] = [
  'deaf topic',
  'gone topic',
  'foreign bus',
  'deaf bus',
]

function plantRules(cell: Cell, soil: Soil): PlantedRule[] {
  const { random } = soil
  const names = random.pick(SETS)
  const to = random.pick(random.chance(0.75) ? HEARD : UNHEARD)
  const planted = names.map((template) => plantRule(cell, soil, { template, to }))
  // None of these alerts anybody.
  planted.push(plantRule(cell, soil, { template: 'everything', to: 'function', disabled: true }))
  planted.push(plantRule(cell, soil, { template: 'everything' }))
  const managed = { template: 'everything', to: 'function' } as const
  planted.push(
    plantRule(cell, soil, { ...managed, managedBy: 'resource-explorer-2.amazonaws.com' }),
  )
  if (random.chance(0.1))
    planted.push(plantRule(cell, soil, { ...managed, managedBy: 'notifications.amazonaws.com' }))
  if (soil.story && random.chance(0.15))
    planted.push(plantRule(cell, soil, { template: 'odd', to: 'topic' }))
  return planted
}

const EVENT_OF: Partial<Record<EventKind, string>> = {
  job: 'BACKUP_JOB_COMPLETED',
  copy: 'COPY_JOB_FAILED',
  modified: 'RECOVERY_POINT_MODIFIED',
}

/** The topic of the vaults' notifications, which may be gone or have nobody that subscribes; and events that are really sent. */
function plantNotifications(cell: Cell, { random }: Soil): void {
  const confirmed = random.pick(['2', '2', '2', '0', 'gone'])
  const topic = arnOf(cell, 'sns', 'backup-events')
  if (confirmed !== 'gone')
    snsState(cell.state).topics.set(topic, { SubscriptionsConfirmed: confirmed })
  for (const { BackupVaultEvents } of cell.state.backup.vaultNotifications.values())
    if (random.chance(0.7)) BackupVaultEvents.push('BACKUP_JOB_COMPLETED')
}

function isNotified({ state }: Cell, vault: string, kind: EventKind): boolean {
  const { SNSTopicArn = '', BackupVaultEvents = [] } =
    state.backup.vaultNotifications.get(vault) ?? {}
  const topic = snsState(state).topics.get(SNSTopicArn)
  if (!topic || topic.SubscriptionsConfirmed === '0') return false
  return BackupVaultEvents.includes(EVENT_OF[kind] ?? 'none')
}
