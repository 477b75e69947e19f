import type { AwsSecurityFinding } from '@aws-sdk/client-securityhub'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { ConfigInput } from '../../lib/config/schema.ts'
import { loadControls } from '../../lib/engine/controls.ts'
import { switchOff, switchOn } from '../../simulator/hub.ts'
import type { AccountState, CellState } from '../../simulator/state.ts'
import { type FoundFinding, findingsOf } from '../support/simulated.ts'
import { openStage, type Stage } from './stage.ts'

// Each chapter is a whole audit or two, on a machine whose cores all have other tests to run.
vi.setConfig({ testTimeout: 600_000 })

const HERE = 'us-east-1'
const VOLUMES = 'ebs-volumes-are-encrypted'
/** Controls whose judgement does not change by the mere passing of days. */
const STEADY = new Set([
  'cells-can-be-read',
  ...loadControls()
    .filter(({ id, family }) => family === 'source' && id.endsWith('-are-encrypted'))
    .map(({ id }) => id),
])

/** What a hub's finding amounts to: compliance, record state, and why it says so. */
function sum(finding: AwsSecurityFinding | undefined): string {
  if (!finding) return 'nothing'
  const { Compliance, RecordState } = finding
  return `${Compliance?.Status} ${RecordState} ${Compliance?.StatusReasons?.[0]?.ReasonCode}`
}

function isSteady(id: string): boolean {
  return STEADY.has(id.split('/')[1] ?? '')
}

function steadyIds(findings: AwsSecurityFinding[]): Set<string> {
  return new Set(findings.map(({ Id = '' }) => Id).filter(isSteady))
}

interface Chapter {
  found: FoundFinding[]
  held: Map<string, AwsSecurityFinding>
  /** Ids, of steady controls, whose finding in the hub was written by this publication. */
  written: Set<string>
}

describe('ten runs in the life of an organization', () => {
  let stage: Stage
  let a: string
  let b: string
  let roles: AccountState['roles'] = []
  const story = { fixed: '', waived: '', deleted: '' }

  beforeAll(async () => {
    stage = await openStage({ accounts: 5 })
    const [, , , third = '', fourth = ''] = stage.state.accounts.keys()
    a = third
    b = fourth
    // Locks that are cooling off when the organization is made are shut by then.
    stage.pass(30)
    plain('vol-waived')
    plain('vol-fixed')
    plain('vol-deleted')
  })
  afterAll(() => stage.close())

  const cell = (): CellState => stage.cell(a, HERE)
  const volume = (id: string) => cell().ec2.volumes.find(({ VolumeId }) => VolumeId === id)
  const plain = (id: string) =>
    cell().ec2.volumes.push({ VolumeId: id, Encrypted: false, State: 'in-use', Size: 8 })
  const encrypt = (id: string, Encrypted: boolean) => Object.assign(volume(id) ?? {}, { Encrypted })
  const remove = (id: string) => {
    cell().ec2.volumes = cell().ec2.volumes.filter(({ VolumeId }) => VolumeId !== id)
  }
  const idOf = (found: FoundFinding[], volumeId: string) =>
    found.find((one) => one.control_id === VOLUMES && one.resource_arn.endsWith(volumeId))
      ?.finding_id ?? ''

  /** A day passes, the organization is audited, and the run is published. */
  async function chapter(overrides: Partial<ConfigInput> = {}, days = 1): Promise<Chapter> {
    stage.pass(days)
    const before = stage.held()
    const calls = stage.imports()
    const { run_id } = await stage.audit(overrides)
    const planned = await stage.dryRun(run_id, overrides)
    const publication = await stage.publish(run_id, overrides)
    const held = stage.held()
    const written = new Set(
      [...held.values()]
        .filter(({ Id = '', UpdatedAt }) => before.get(Id)?.UpdatedAt !== UpdatedAt)
        .map(({ Id = '' }) => Id),
    )
    const sendable = planned.filter(
      (row) => !['off', 'unreachable'].includes(String(row.hub_status)),
    )
    expect(publication.sent).toBe(sendable.length)
    expect(publication.accepted).toBe(publication.sent)
    expect(written).toEqual(new Set(sendable.map((row) => row.finding_id)))
    const callsMade = stage.imports() - calls
    const byHub = Map.groupBy(sendable, (row) => `${row.target_account} ${row.target_region}`)
    const calls100 = [...byHub.values()].map((rows) => Math.ceil(rows.length / 100))
    expect(callsMade).toBe(calls100.reduce((sum, count) => sum + count, 0))
    if (days > 1) expect((await stage.publish(run_id, overrides)).sent).toBe(0)
    const found = await findingsOf(stage.lake, run_id)
    return { found, held, written: new Set([...written].filter(isSteady)) }
  }

  /** Nothing fails that its hub does not hold open, and nothing is open that does not fail. */
  function expectAgreement({ found, held }: Chapter, except: (one: AwsSecurityFinding) => boolean) {
    const open = [...held.values()].filter(
      (one) => one.Compliance?.Status === 'FAILED' && one.RecordState === 'ACTIVE' && !except(one),
    )
    const failing = found.filter(({ status }) => status === 'fail')
    const resources = (one: AwsSecurityFinding) => one.Resources?.map(({ Id }) => Id) ?? []
    for (const one of open) {
      const control = one.GeneratorId?.replace('strongroom/', '')
      const same = failing.filter(
        (finding) => finding.control_id === control && finding.account_id === one.AwsAccountId,
      )
      expect(same.some((finding) => resources(one).includes(finding.resource_arn))).toBe(true)
    }
    const told = new Set(
      open.flatMap((one) => resources(one).map((arn) => `${one.GeneratorId} ${arn}`)),
    )
    const untold = failing.filter(
      ({ control_id, resource_arn }) => !told.has(`strongroom/${control_id} ${resource_arn}`),
    )
    expect(untold).toEqual([])
  }

  const nothing = () => false

  test('1: what fails is told, what passes is not', async () => {
    const told = await chapter()
    story.waived = idOf(told.found, 'vol-waived')
    story.fixed = idOf(told.found, 'vol-fixed')
    story.deleted = idOf(told.found, 'vol-deleted')
    for (const id of Object.values(story))
      expect(sum(told.held.get(id))).toBe('FAILED ACTIVE FAILED')
    expect([...told.held.values()].filter((one) => sum(one) !== 'FAILED ACTIVE FAILED')).toEqual([])
    const passing = told.found.filter(({ status }) => status === 'pass')
    expect(passing.filter(({ finding_id }) => told.held.has(finding_id))).toEqual([])
    expectAgreement(told, nothing)
  })

  const waiver = () => ({
    control: VOLUMES,
    account: a,
    resource: '*vol-waived',
    owner: 'ops',
    reason: 'scratch disk',
    expires: '2027-06-30',
  })

  test('2: a waiver archives, with its reason', async () => {
    const { held, written } = await chapter({ waivers: [waiver()] })
    expect(written).toEqual(new Set([story.waived]))
    expect(sum(held.get(story.waived))).toBe('FAILED ARCHIVED WAIVED')
    expect(held.get(story.waived)?.Compliance?.StatusReasons?.[0]?.Description).toContain(
      'ops: scratch disk',
    )
  })

  test('3: what was fixed has passed, once; what was archived stays so', async () => {
    encrypt('vol-waived', true)
    encrypt('vol-fixed', true)
    const { held, written } = await chapter()
    expect(written).toEqual(new Set([story.fixed]))
    const fixed = held.get(story.fixed)
    expect(sum(fixed)).toBe('PASSED ACTIVE PASSED')
    expect(fixed?.Severity?.Label).toBe('INFORMATIONAL')
    expect(sum(held.get(story.waived))).toBe('FAILED ARCHIVED WAIVED')
  })

  test('4: what breaks again fails again, under its id and since its first day', async () => {
    const first = stage.held().get(story.fixed)
    encrypt('vol-waived', false)
    encrypt('vol-fixed', false)
    const { held, written } = await chapter()
    expect(written).toEqual(new Set([story.fixed, story.waived]))
    for (const id of written) expect(sum(held.get(id))).toBe('FAILED ACTIVE FAILED')
    expect(held.get(story.fixed)?.CreatedAt).toBe(first?.CreatedAt)
    expect(held.get(story.fixed)?.FirstObservedAt).toBe(first?.FirstObservedAt)
    expect(held.get(story.fixed)?.Severity?.Label).toBe('HIGH')
  })

  test('5: what was deleted is archived', async () => {
    remove('vol-deleted')
    const told = await chapter()
    expect(told.written).toEqual(new Set([story.deleted]))
    expect(sum(told.held.get(story.deleted))).toBe('FAILED ARCHIVED RESOURCE_GONE')
    expectAgreement(told, nothing)
  })

  test('6: an account that is denied keeps what it has, with a reason, and is told of itself', async () => {
    const before = stage.held()
    const account = stage.account(a)
    roles = account.roles
    remove('vol-fixed')
    account.roles = roles.filter(({ name }) => name !== 'StrongroomAuditor')
    const { held, written } = await chapter()
    const own = [...held.values()].filter(
      (one) => one.AwsAccountId === a && sum(one).startsWith('FAILED ACTIVE'),
    )
    expect(own.length).toBeGreaterThan(3)
    for (const one of own) expect(sum(one)).toBe('FAILED ACTIVE COULD_NOT_BE_READ')
    const unread = [...held.values()].filter((one) =>
      one.GeneratorId?.includes('cells-can-be-read'),
    )
    expect(unread.map((one) => [sum(one), one.Resources?.[0]?.Id, one.AwsAccountId])).toEqual([
      ['NOT_AVAILABLE ACTIVE FAILED', `AWS::::Account:${a}`, stage.state.auditAccountId],
    ])
    expect(written).toEqual(steadyIds([...own, ...unread]))
    const archived = (held: Map<string, AwsSecurityFinding>) =>
      [...held.values()].filter((one) => one.RecordState === 'ARCHIVED').map(({ Id }) => Id)
    expect(archived(held)).toEqual(archived(before))
  })

  test('7: the second such run has nothing new to say', async () => {
    expect((await chapter()).written).toEqual(new Set())
    stage.account(a).roles = roles
  })

  test('8: what can be read again is told again; a suspended account is left alone', async () => {
    stage.account(b).account.State = 'SUSPENDED'
    stage.account(b).account.Status = 'SUSPENDED'
    const before = [...stage.held().values()].filter((one) => one.AwsAccountId === b)
    expect(before.length).toBeGreaterThan(0)
    const told = await chapter()
    expect([...told.held.values()].filter((one) => one.AwsAccountId === b)).toEqual(before)
    expect(sum(told.held.get(story.fixed))).toBe('FAILED ARCHIVED RESOURCE_GONE')
    expect(sum(told.held.get(story.waived))).toBe('FAILED ACTIVE FAILED')
    const unread = [...told.held.values()].filter((one) =>
      one.GeneratorId?.includes('cells-can-be-read'),
    )
    expect(unread.map(sum)).toEqual(['PASSED ACTIVE PASSED'])
    expectAgreement(told, (one) => one.AwsAccountId === b)
  })

  test('9: a hub that was switched off and on again is filled again, of what fails now', async () => {
    const before = stage.held()
    const hub = stage.hub(a, HERE)
    switchOff(hub)
    switchOn(hub, stage.clock())
    const told = await chapter()
    const lost = [...before.values()].filter(
      (one) => one.AwsAccountId === a && one.Region === HERE && sum(one) === 'FAILED ACTIVE FAILED',
    )
    expect(lost.length).toBeGreaterThan(0)
    expect(told.written).toEqual(steadyIds(lost))
    expect(told.held.has(story.deleted)).toBe(false)
    expectAgreement(told, (one) => one.AwsAccountId === b)
  })

  test('10: what a customer suppressed stays so, and after 31 days only what is due is sent', async () => {
    const suppressed = [...stage.hub(a, HERE).findings.values()].find(
      ({ finding }) => finding.Id === story.waived,
    )
    Object.assign(suppressed?.finding ?? {}, {
      Workflow: { Status: 'SUPPRESSED' },
      Note: { Text: 'known', UpdatedBy: 'ops', UpdatedAt: stage.clock().toISOString() },
    })
    const before = stage.held()
    const since = stage.clock()
    const age = (one: AwsSecurityFinding, at: Date) =>
      (at.getTime() - Date.parse(one.UpdatedAt ?? '')) / 86_400_000
    const told = await chapter({}, 31)
    const at = new Date(since.getTime() + 31 * 86_400_000)
    const due = [...before.values()].filter((one) => {
      const jitter = Number.parseInt(one.Id?.at(-1) ?? '', 16)
      return (
        sum(one).startsWith('FAILED ACTIVE') &&
        one.AwsAccountId !== b &&
        age(one, at) >= 30 + jitter
      )
    })
    expect(due.length).toBeGreaterThan(0)
    expect(told.written).toEqual(steadyIds(due))
    const archived = [...told.held.values()].filter((one) => one.RecordState === 'ARCHIVED')
    expect(steadyIds(archived)).toEqual(new Set())
    expectAgreement(told, (one) => one.AwsAccountId === b)
    // Sooner or later everything is: nothing that fails is forgotten, and nothing of the customer's is touched.
    const later = await chapter({}, 20)
    expectAgreement(later, (one) => one.AwsAccountId === b)
    const after = later.held.get(story.waived)
    expect(after?.Workflow?.Status).toBe('SUPPRESSED')
    expect(after?.Note?.Text).toBe('known')
    expect(after?.UpdatedAt).not.toBe(before.get(story.waived)?.UpdatedAt)
  })

  test('11: an account that left is forgotten, and what it was told stays its own', async () => {
    const before = [...stage.held().values()].filter((one) => one.AwsAccountId === b)
    const account = stage.account(b)
    stage.state.accounts.delete(b)
    const { run_id } = await stage.audit()
    await stage.publish(run_id)
    const { rows } = await stage.withEngine((engine) =>
      engine.query(
        `select count(*) as n from lake.hub_state where run_id = '${run_id}' and account_id = '${b}'`,
      ),
    )
    expect(rows).toEqual([{ n: 0 }])
    stage.state.accounts.set(b, account)
    expect(before.length).toBe(
      [...stage.held().values()].filter((one) => one.AwsAccountId === b).length,
    )
  })
})
