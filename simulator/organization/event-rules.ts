import type { Target } from '@aws-sdk/client-eventbridge'
import { eventsState } from '../operations/events.ts'
import { snsState } from '../operations/sns.ts'
import { arnOf, type Cell } from './cell.ts'
import type { Soil } from './plant.ts'

/** What somebody should hear of. */
export type EventKind = 'job' | 'copy' | 'modified' | 'deleted' | 'unlocked' | 'replaced' | 'opened'

/** A rule's pattern, with the kinds that it takes: as the service sends them, and as calls that a trail records. */
interface Template {
  pattern: object
  service: readonly EventKind[]
  calls: readonly EventKind[]
  /** Whether it is in a language that nobody knows. */
  odd?: boolean
}

const CALL = 'AWS API Call via CloudTrail'
const sent: EventKind[] = ['job', 'copy', 'deleted', 'unlocked']
const called: EventKind[] = ['modified', 'deleted', 'unlocked', 'replaced', 'opened']
const eventSource = ['backup.amazonaws.com']

/** Patterns as people write them; some take less than their names say. */
export const templates = {
  everything: { pattern: { source: ['aws.backup'] }, service: sent, calls: called },
  tampering: {
    pattern: {
      source: ['aws.backup'],
      'detail-type': [CALL],
      detail: {
        eventSource,
        eventName: [
          'DeleteRecoveryPoint',
          'UpdateRecoveryPointLifecycle',
          { wildcard: '*BackupVault*' },
        ],
        userIdentity: { arn: [{ 'anything-but': { suffix: '/break-glass' } }] },
      },
    },
    service: [],
    calls: called,
  },
  deletions: {
    pattern: {
      'detail-type': [CALL],
      detail: { eventSource, eventName: [{ prefix: 'Delete' }], errorCode: [{ exists: false }] },
    },
    service: [],
    calls: ['deleted', 'unlocked', 'opened'],
  },
  policies: {
    pattern: {
      source: [{ 'equals-ignore-case': 'AWS.Backup' }],
      $or: [
        { detail: { eventName: ['PutBackupVaultAccessPolicy'] } },
        { detail: { eventName: [{ suffix: 'BackupVaultAccessPolicy' }], readOnly: [false] } },
      ],
    },
    service: [],
    calls: ['replaced', 'opened'],
  },
  failures: {
    pattern: {
      source: ['aws.backup'],
      'detail-type': ['Backup Job State Change', 'Copy Job State Change'],
      detail: { state: ['FAILED', 'ABORTED', 'EXPIRED'] },
    },
    service: ['job', 'copy'],
    calls: [],
  },
  unfinished: {
    pattern: {
      'detail-type': [{ wildcard: '*Job State Change' }],
      detail: { state: [{ 'anything-but': ['COMPLETED', 'RUNNING', 'CREATED'] }] },
    },
    service: ['job', 'copy'],
    calls: [],
  },
  points: {
    pattern: { source: ['aws.backup'], 'detail-type': ['Recovery Point State Change'] },
    service: ['deleted'],
    calls: [],
  },
  otherVault: {
    pattern: { detail: { requestParameters: { backupVaultName: ['somebody-elses'] } } },
    service: [],
    calls: [],
  },
  rootOnly: {
    pattern: { source: ['aws.backup'], detail: { userIdentity: { type: ['Root'] } } },
    service: [],
    calls: [],
  },
  odd: {
    pattern: { source: ['aws.backup'], detail: { eventName: [{ 'sounds-like': 'delete' }] } },
    service: sent,
    calls: called,
    odd: true,
  },
} as const satisfies Record<string, Template>

export type TemplateName = keyof typeof templates

/** Where a rule sends what it takes; not everything is heard there. */
export type Destination =
  | 'function'
  | 'topic'
  | 'deaf topic'
  | 'gone topic'
  | 'audit bus'
  | 'foreign bus'
  | 'own bus'
  | 'deaf bus'

const HEARD = new Set<Destination>(['function', 'topic', 'audit bus', 'own bus'])

/** A planted rule. */
export interface PlantedRule {
  template: TemplateName
  /** Where it ends up; undefined: nowhere, as the rule is off, has no target, or is another service's. */
  heardAt: Destination | undefined
}

interface RuleOptions {
  template: TemplateName
  to?: Destination | undefined
  disabled?: boolean
  managedBy?: string
}

/** Plants a rule on the default bus. */
export function plantRule(cell: Cell, soil: Soil, options: RuleOptions): PlantedRule {
  const { template, to, disabled = false, managedBy } = options
  const { rules } = eventsState(cell.state)
  const name = `${template}-${rules.length}`
  rules.push({
    rule: {
      Name: name,
      Arn: arnOf(cell, 'events', `rule/${name}`),
      State: disabled ? 'DISABLED' : 'ENABLED',
      EventPattern: JSON.stringify(templates[template].pattern),
      ...(managedBy ? { ManagedBy: managedBy } : {}),
    },
    targets: to ? [targetOf(cell, soil, to)] : [],
  })
  const alerts = !disabled && (!managedBy || managedBy === 'notifications.amazonaws.com')
  return { template, heardAt: alerts ? to : undefined }
}

function targetOf(cell: Cell, { organization }: Soil, to: Destination): Target {
  const [, auditAccountId] = organization.accountIds
  const arns: Record<Destination, string> = {
    function: arnOf(cell, 'lambda', 'function:alert'),
    topic: arnOf(cell, 'sns', 'alerts'),
    'deaf topic': arnOf(cell, 'sns', 'unheard'),
    'gone topic': arnOf(cell, 'sns', 'gone'),
    'audit bus': `arn:aws:events:${cell.region}:${auditAccountId}:event-bus/default`,
    'foreign bus': `arn:aws:events:${cell.region}:999988887777:event-bus/soc`,
    'own bus': arnOf(cell, 'events', 'event-bus/ops'),
    'deaf bus': arnOf(cell, 'events', 'event-bus/unheard'),
  }
  return { Id: to.replace(' ', '-'), Arn: arns[to] }
}

/** Plants the topics and buses that rules send to. */
export function plantDestinations(cell: Cell): void {
  const { topics } = snsState(cell.state)
  topics.set(arnOf(cell, 'sns', 'alerts'), { SubscriptionsConfirmed: '1' })
  topics.set(arnOf(cell, 'sns', 'unheard'), {
    SubscriptionsConfirmed: '0',
    SubscriptionsPending: '1',
  })
  const { buses, rules } = eventsState(cell.state)
  buses.push('ops', 'unheard')
  rules.push({
    rule: {
      Name: 'onward',
      Arn: arnOf(cell, 'events', 'rule/ops/onward'),
      EventBusName: 'ops',
      State: 'ENABLED',
      EventPattern: JSON.stringify({ source: [{ prefix: 'aws.' }] }),
    },
    targets: [
      { Id: 'function', Arn: arnOf(cell, 'lambda', 'function:alert') },
      { Id: 'back', Arn: arnOf(cell, 'events', 'event-bus/default') },
    ],
  })
}

/** Whether somebody hears of a kind of event by the rules. */
export function isHeard(
  rules: readonly PlantedRule[],
  kind: EventKind,
  calls: boolean,
): 'yes' | 'no' | 'perhaps' {
  const takes = rules.filter(({ template, heardAt }) => {
    const { service, calls: ofCalls }: Template = templates[template]
    if (!heardAt || !HEARD.has(heardAt)) return false
    return service.includes(kind) || (calls && ofCalls.includes(kind))
  })
  const isOdd = ({ template }: PlantedRule) => (templates[template] as Template).odd === true
  if (takes.some((rule) => !isOdd(rule))) return 'yes'
  return takes.length > 0 ? 'perhaps' : 'no'
}
