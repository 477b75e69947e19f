import { describe, expect, it } from 'vitest'
import { configSchema } from '../../lib/config/schema.ts'
import coverage from '../../lib/derive/event-coverage.derived.ts'
import type { StoredRow } from '../../lib/lake/table.ts'

const ACCOUNT = '111111111111'
const REGION = 'eu-west-1'
const arnOf = (service: string, resource: string, region = REGION, account = ACCOUNT) =>
  `arn:aws:${service}:${region}:${account}:${resource}`
const VAULT = arnOf('backup', 'backup-vault:v')
const FUNCTION = arnOf('lambda', 'function:alert')
const bus = (name: string) => arnOf('events', `event-bus/${name}`)

interface GivenRule {
  name: string
  bus?: string
  pattern?: string | null
  state?: string
  managed_by?: string
  to?: string[]
}

const BACKUP = '{"source": ["aws.backup"]}'

/** The rows that the derivation puts, each as `kind channel rule target certain`, for one kind only. */
function covered(rules: GivenRule[], kind = 'vault_policy_removed') {
  const arn = ({ name }: GivenRule) => arnOf('events', `rule/${name}`)
  const tables: Record<string, StoredRow[]> = {
    backup_vaults: [{ arn: VAULT, name: 'v' }],
    event_rules: rules.map((rule) => ({
      ...{ arn: arn(rule), name: rule.name, bus: rule.bus ?? 'default' },
      ...{ state: rule.state ?? 'ENABLED', managed_by: rule.managed_by ?? null },
      event_pattern: rule.pattern === undefined ? BACKUP : rule.pattern,
    })),
    event_rule_targets: rules.flatMap((rule) =>
      (rule.to ?? [FUNCTION]).map((target_arn) => ({ rule_arn: arn(rule), target_arn })),
    ),
  }
  const rows: StoredRow[] = []
  const needed: [string, readonly string[]][] = []
  coverage.derive({
    ...{ accountId: ACCOUNT, region: REGION, regions: [REGION], partition: 'aws' },
    organization: { id: undefined, managementAccount: undefined, paths: new Map() },
    asOf: new Date('2026-11-23T07:45:00Z'),
    config: configSchema.parse({}),
    rows: (table) => tables[table] ?? [],
    put: (_, row) => rows.push(row as StoredRow),
    needs: (table, inputs) => needed.push([table, inputs]) > 0,
    needsOfEach: () => undefined,
  })
  expect(needed).toEqual([['event_coverage', coverage.reads]])
  return rows.filter((row) => row.kind === kind)
}

describe('an event is taken', () => {
  it('by a rule with a target', () => {
    expect(covered([{ name: 'r' }])).toEqual([
      {
        kind: 'vault_policy_removed',
        vault_arn: VAULT,
        channel: 'cloudtrail',
        certain: true,
        rule_arn: arnOf('events', 'rule/r'),
        rule_name: 'r',
        target_arn: FUNCTION,
        target_service: 'lambda',
        target_account_id: ACCOUNT,
        target_region: REGION,
      },
    ])
  })

  it('in both ways that it comes, and for the Region where it is no vault’s', () => {
    const channels = covered([{ name: 'r' }], 'recovery_point_deleted').map((row) => row.channel)
    expect(channels).toEqual(['service', 'cloudtrail'])
    const keys = covered(
      [{ name: 'r', pattern: '{"source": ["aws.kms"]}' }],
      'key_deletion_scheduled',
    )
    expect(keys).toMatchObject([{ vault_arn: null, certain: true }])
  })

  it('by a rule of User Notifications', () => {
    expect(covered([{ name: 'r', managed_by: 'notifications.amazonaws.com' }])).toHaveLength(1)
  })

  it.each([
    ['one that is switched off', { state: 'DISABLED' }],
    ['one on a schedule', { pattern: null }],
    ['one of another service', { managed_by: 'backup.amazonaws.com' }],
    ['one without a target', { to: [] }],
    ['one for other events', { pattern: '{"source": ["aws.s3"]}' }],
    ['one on a bus that nothing is passed on to', { bus: 'ops' }],
  ])('not by %s', (_, rule) => {
    expect(covered([{ name: 'r', ...rule }])).toEqual([])
  })

  it.each(['{"source"', '{"source": [{"sounds-like": "backup"}]}'])(
    'perhaps by a rule with the pattern %s',
    (pattern) => {
      expect(covered([{ name: 'r', pattern }])).toMatchObject([{ certain: false }])
    },
  )

  it('by the rules of another bus that it is passed on to', () => {
    const onward = { name: 'onward', bus: 'ops', to: [FUNCTION] }
    const rows = covered([{ name: 'r', to: [bus('ops')] }, onward])
    expect(rows).toMatchObject([{ rule_name: 'r', target_arn: FUNCTION, certain: true }])
    expect(covered([{ name: 'r', to: [bus('ops')] }])).toEqual([])
    const deaf = { ...onward, pattern: '{"source": ["aws.kms"]}' }
    expect(covered([{ name: 'r', to: [bus('ops')] }, deaf])).toEqual([])
    const odd = { ...onward, pattern: '{"source": [{"sounds-like": "backup"}]}' }
    expect(covered([{ name: 'r', to: [bus('ops')] }, odd])).toMatchObject([{ certain: false }])
  })

  it('surely, where one of two ways is sure', () => {
    const rules = [
      { name: 'r', to: [bus('ops')] },
      { name: 'odd', bus: 'ops', pattern: '{"source": [{"sounds-like": "b"}]}', to: [bus('on')] },
      { name: 'sure', bus: 'ops', to: [bus('on')] },
      { name: 'end', bus: 'on' },
    ]
    expect(covered(rules)).toMatchObject([{ target_arn: FUNCTION, certain: true }])
  })

  it('though buses pass it around in a circle', () => {
    const rules = [
      { name: 'r', to: [bus('ops'), FUNCTION] },
      { name: 'back', bus: 'ops', to: [bus('default')] },
    ]
    expect(covered(rules)).toHaveLength(1)
  })

  it('by a bus of another Region or account, where it is not followed', () => {
    const there = [
      arnOf('events', 'event-bus/default', 'us-east-1'),
      arnOf('events', 'event-bus/default', REGION, '222222222222'),
    ]
    expect(covered([{ name: 'r', to: there }])).toMatchObject([
      { target_service: 'events', target_account_id: ACCOUNT, target_region: 'us-east-1' },
      { target_service: 'events', target_account_id: '222222222222', target_region: REGION },
    ])
  })
})
