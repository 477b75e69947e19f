import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Lake } from '../../lib/lake/lake.ts'
import { type HubAccess, lookAtHubs } from '../../lib/securityhub/access.ts'
import { sumPublications } from '../../lib/securityhub/publication.ts'
import { UsageError } from '../../lib/usage-error.ts'
import { switchOff } from '../../simulator/hub.ts'
import type { CaseRow } from '../engine/case-lake.ts'
import { A, AUDIT, B, HERE, HOME, type Hubs, judges, openHubs } from './synthetic.ts'

const ONE = `arn:aws:ec2:${HERE}:${A}:volume/vol-1`
const TWO = `arn:aws:ec2:${HERE}:${A}:volume/vol-2`
const [TABLE = ''] = judges.resource.subject

let hubs: Hubs
beforeEach(async () => {
  hubs = await openHubs()
})
afterEach(() => hubs.close())

const fails = (arn: string, reason?: string) => ({
  status: 'fail' as const,
  arn,
  ...(reason ? { reason } : {}),
})

/** The first run: both fail, and both are told. */
async function bothTold(): Promise<void> {
  await hubs.publish(await hubs.run([fails(ONE), fails(TWO)]))
  expect(hubs.told()).toEqual([
    `${A} ${HERE} ${ONE}: FAILED ACTIVE FAILED`,
    `${A} ${HERE} ${TWO}: FAILED ACTIVE FAILED`,
  ])
}

const gap = (more: CaseRow): CaseRow => ({
  account_id: A,
  region: HERE,
  collector: '*',
  table_name: TABLE,
  cause: 'denied_iam',
  ...more,
})

describe('what others get wrong', () => {
  test('prowler #867, #711: each finding is imported by its own account', async () => {
    const other = { ...fails(`arn:aws:ec2:${HERE}:${B}:volume/vol-3`), account: B }
    const publication = await hubs.publish(await hubs.run([fails(ONE), other]))
    expect(publication.accepted).toBe(2)
    expect(hubs.simulator.refused).toEqual([])
    expect(hubs.hub(A).findings.size + hubs.hub(B).findings.size).toBe(2)
    expect(hubs.hub(AUDIT).findings.size).toBe(0)
  })

  test('prowler #618, c7n #3976: a finding goes to the hub of its own Region, under that product', async () => {
    const there = { ...fails(`arn:aws:ec2:${HOME}:${A}:volume/vol-3`), region: HOME }
    await hubs.publish(await hubs.run([fails(ONE), there]))
    for (const region of [HERE, HOME]) {
      const [held] = hubs.hub(A, region).findings.values()
      expect(held?.finding.ProductArn).toBe(
        `arn:aws:securityhub:${region}:${A}:product/${A}/default`,
      )
    }
  })

  test('prowler #1100, #684: what a hub answers is never asked, and what others wrote is never touched', async () => {
    await bothTold()
    const hub = hubs.hub(A)
    const [held] = hub.findings.values()
    const ProductArn = `arn:aws:securityhub:${HERE}::product/aws/inspector`
    const foreign = { ...held?.finding, Id: 'inspector/1', ProductArn }
    hub.findings.set('foreign', { finding: foreign as never, processedAt: hubs.clock() })
    await hubs.publish(await hubs.run([fails(ONE)]))
    expect(hub.findings.get('foreign')?.finding.RecordState).toBe('ACTIVE')
    expect(hubs.simulator.calls.has('securityhub:GetFindings')).toBe(false)
    expect(hubs.told()).toContain(`${A} ${HERE} ${TWO}: FAILED ARCHIVED RESOURCE_GONE`)
  })

  test.each([
    ['a table that could not be read', gap({})],
    ['one resource of it that could not be read', gap({ resource_arn: TWO })],
    ['an account that could not be entered', gap({ region: 'global', table_name: '*' })],
  ])('prowler #1867: %s archives nothing', async (_, one) => {
    await bothTold()
    await hubs.publish(await hubs.run([], { given: { gaps: [one] } }))
    expect(hubs.told().filter((line) => line.startsWith(`${A} ${HERE}`))).toEqual([
      `${A} ${HERE} ${ONE}: FAILED ACTIVE COULD_NOT_BE_READ`,
      `${A} ${HERE} ${TWO}: FAILED ACTIVE COULD_NOT_BE_READ`,
    ])
  })

  test('prowler #1626: a run of a part leaves the rest alone', async () => {
    await bothTold()
    const before = hubs.told()
    const accounts = [AUDIT, A, B].map((account_id) => ({ account_id, audited: account_id === B }))
    await hubs.publish(await hubs.run([], { scoped: true, given: { accounts } }))
    const controls = [{ control_id: 'another', family: 'keys', severity: 'low', weight: 4 }]
    const chosen = await hubs.run([], { scoped: true, given: { controls } })
    await hubs.publish(chosen)
    const regions = [{ region: HOME }]
    await hubs.publish(await hubs.run([], { scoped: true, given: { regions } }))
    expect(hubs.told()).toEqual(before)
  })

  test('prowler #2843: what was deleted is archived, also by a run of its part', async () => {
    await bothTold()
    await hubs.publish(await hubs.run([fails(ONE)], { scoped: true }))
    expect(hubs.told()).toContain(`${A} ${HERE} ${TWO}: FAILED ARCHIVED RESOURCE_GONE`)
    await hubs.publish(await hubs.run([]))
    expect(hubs.told()).toContain(`${A} ${HERE} ${ONE}: FAILED ARCHIVED RESOURCE_GONE`)
  })

  test('prowler #3921: what is waived is not sent, and comes back when the waiver ends', async () => {
    await hubs.publish(await hubs.run([{ status: 'waived', arn: ONE }]))
    expect(hubs.told()).toEqual([])
    await hubs.publish(await hubs.run([fails(ONE)]))
    await hubs.publish(await hubs.run([{ status: 'waived', arn: ONE }]))
    expect(hubs.told()).toEqual([`${A} ${HERE} ${ONE}: FAILED ARCHIVED WAIVED`])
    await hubs.publish(await hubs.run([fails(ONE)]))
    expect(hubs.told()).toEqual([`${A} ${HERE} ${ONE}: FAILED ACTIVE FAILED`])
  })

  test('prowler #4372: one central hub can have them all, each with the resource of its account', async () => {
    const central = { securityhub: { mode: 'central' as const } }
    const other = { ...fails(`arn:aws:ec2:${HERE}:${B}:volume/vol-3`), account: B }
    await hubs.publish(await hubs.run([fails(ONE), other]), central)
    expect(hubs.told()).toEqual([
      `${AUDIT} ${HOME} ${ONE}: FAILED ACTIVE FAILED`,
      `${AUDIT} ${HOME} ${other.arn}: FAILED ACTIVE FAILED`,
    ])
    // An account that left cannot be told of it; the central hub can.
    const accounts = [AUDIT, A].map((account_id) => ({ account_id, audited: true }))
    await hubs.publish(await hubs.run([fails(ONE)], { given: { accounts } }), central)
    expect(hubs.told()).toContain(`${AUDIT} ${HOME} ${other.arn}: FAILED ARCHIVED ACCOUNT_LEFT`)
  })
})

describe('what is sent', () => {
  test('a finding of no Region goes to the home Region, and a changed home moves it', async () => {
    const whole = { ...fails(`AWS::::Account:${A}`), region: 'global' }
    await hubs.publish(await hubs.run([whole]))
    expect(hubs.told()).toEqual([`${A} ${HOME} AWS::::Account:${A}: FAILED ACTIVE FAILED`])
    await hubs.publish(await hubs.run([whole]), { securityhub: { home_region: HERE } })
    expect(hubs.told()).toEqual([
      `${A} ${HERE} AWS::::Account:${A}: FAILED ACTIVE FAILED`,
      `${A} ${HOME} AWS::::Account:${A}: FAILED ARCHIVED RESOURCE_GONE`,
    ])
  })

  test('other content is sent, the same is not', async () => {
    await hubs.publish(await hubs.run([fails(ONE, 'of 8 GiB')]))
    expect((await hubs.publish(await hubs.run([fails(ONE, 'of 8 GiB')]))).sent).toBe(0)
    const changed = await hubs.publish(await hubs.run([fails(ONE, 'of 16 GiB')]))
    expect(changed.by_action).toEqual({ update: 1 })
    const [held] = hubs.hub(A).findings.values()
    expect(held?.finding.Description).toContain('of 16 GiB')
  })

  test('an unknown keeps what fails and makes nothing of what does not', async () => {
    await bothTold()
    const unknown = (arn: string) => ({ status: 'unknown' as const, arn, reason: 'no answer' })
    const third = `arn:aws:ec2:${HERE}:${A}:volume/vol-3`
    await hubs.publish(await hubs.run([unknown(ONE), fails(TWO), unknown(third)]))
    expect(hubs.told()).toEqual([
      `${A} ${HERE} ${ONE}: FAILED ACTIVE COULD_NOT_BE_READ`,
      `${A} ${HERE} ${TWO}: FAILED ACTIVE FAILED`,
    ])
    const again = await hubs.run([unknown(ONE), fails(TWO), unknown(third)])
    expect((await hubs.publish(again)).sent).toBe(0)
  })

  test('in a run of a part an unknown says nothing', async () => {
    await bothTold()
    const run = await hubs.run([{ status: 'unknown', arn: ONE }, fails(TWO)], { scoped: true })
    expect((await hubs.publish(run)).sent).toBe(0)
  })

  test('many of one source are one finding, with at most 20 of them named', async () => {
    const source = `arn:aws:ec2:${HERE}:${A}:volume/vol-source`
    const points = Array.from({ length: 30 }, (_, index) => ({
      status: index < 25 ? ('fail' as const) : ('pass' as const),
      arn: `arn:aws:ec2:${HERE}::snapshot/snap-${String(index).padStart(2, '0')}`,
      related: source,
      control: judges.source,
    }))
    const publication = await hubs.publish(await hubs.run(points))
    expect(publication.sent).toBe(1)
    const [held] = hubs.hub(A).findings.values()
    expect(held?.finding.Resources).toHaveLength(21)
    expect(held?.finding.Resources?.[0]?.Id).toBe(source)
    expect(held?.finding.Description).toMatch(/^25 of 30 judged here fail\./)
    const fixed = points.map((point) => ({ ...point, status: 'pass' as const }))
    await hubs.publish(await hubs.run(fixed))
    expect(hubs.told()).toEqual([`${A} ${HERE} ${source}: PASSED ACTIVE PASSED`])
  })

  test('outside of an organization the caller’s own credentials are used', async () => {
    const own = { ...fails(`arn:aws:ec2:${HERE}:${AUDIT}:volume/vol-3`), account: AUDIT }
    const run = await hubs.run([own])
    const alone = { ...run, discovery: { ...run.discovery, organization_id: null } }
    expect((await hubs.publish(alone)).accepted).toBe(1)
    expect(hubs.simulator.calls.has('sts:AssumeRole')).toBe(false)
  })

  test('a dry run says what and why, sends nothing and leaves nothing', async () => {
    const run = await hubs.run([fails(ONE)])
    const planned = await hubs.plan(run)
    expect(planned.map(({ action, why }) => [action, why])).toEqual([
      ['create', 'fails, and the hub holds nothing'],
    ])
    expect(hubs.imports()).toBe(0)
    expect(await hubs.lake.list(`hub_plans/run_id=${run.run_id}`)).toEqual([])
    expect((await hubs.publish(run)).sent).toBe(1)
  })
})

describe('what goes wrong', () => {
  test('a hub that is off is reported, and filled when it is on', async () => {
    switchOff(hubs.hub(A))
    const publication = await hubs.publish(await hubs.run([fails(ONE)]))
    expect(publication).toMatchObject({ sent: 0, not_sent: 1, refused: 0 })
    expect(publication.hubs_not_on).toMatchObject([{ account_id: A, region: HERE, status: 'off' }])
    hubs.hub(A).subscribedAt = hubs.clock()
    expect((await hubs.publish(await hubs.run([fails(ONE)]))).accepted).toBe(1)
  })

  test('an account without the publisher role is reported, and told when it has it', async () => {
    const account = hubs.state.accounts.get(A)
    const roles = account?.roles ?? []
    if (account) account.roles = roles.filter(({ name }) => name !== 'StrongroomPublisher')
    const publication = await hubs.publish(await hubs.run([fails(ONE)]))
    expect(publication).toMatchObject({ sent: 0, not_sent: 1 })
    expect(publication.refusals[0]?.outcome).toBe('unreachable')
    if (account) account.roles = roles
    expect((await hubs.publish(await hubs.run([fails(ONE)]))).accepted).toBe(1)
  })

  test('what fails alone is sent again, and kept with its error', async () => {
    const tries = new Map<string, number>()
    hubs.hub(A).refuse = ({ Resources }) => {
      const arn = Resources?.[0]?.Id ?? ''
      tries.set(arn, (tries.get(arn) ?? 0) + 1)
      return arn === TWO || tries.get(arn) === 1 ? 'InternalError' : undefined
    }
    const publication = await hubs.publish(await hubs.run([fails(ONE), fails(TWO)]))
    expect(publication).toMatchObject({ accepted: 1, refused: 1 })
    expect(publication.refusals).toMatchObject([{ code: 'InternalError', findings: 1 }])
    expect(tries.get(TWO)).toBe(4)
    hubs.hub(A).refuse = undefined
    const next = await hubs.publish(await hubs.run([fails(ONE), fails(TWO)]))
    expect(next).toMatchObject({ accepted: 1, by_action: { create: 1 } })
  })

  test('an answer that is lost is not believed either way', async () => {
    hubs.simulator.addFaults({
      operation: 'securityhub:BatchImportFindings',
      kind: 'truncated_body',
      times: 6,
    })
    const publication = await hubs.publish(await hubs.run([fails(ONE), fails(TWO)]))
    expect(publication).toMatchObject({ accepted: 0, unsure: 2 })
    // They did arrive. What passes now was perhaps never told as failed; it is told as passed all the same.
    await hubs.publish(await hubs.run([{ status: 'pass', arn: ONE }, fails(TWO)]))
    expect(hubs.told()).toEqual([
      `${A} ${HERE} ${ONE}: PASSED ACTIVE PASSED`,
      `${A} ${HERE} ${TWO}: FAILED ACTIVE FAILED`,
    ])
  })

  test('two publications at once are excluded, and a later run is not undone by an earlier', async () => {
    const [first, second] = [await hubs.run([fails(ONE)]), await hubs.run([])]
    const options = await hubs.optionsOf(first)
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    hubs.hub(A).refuse = () => {
      begin()
      return 'InternalError'
    }
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    const publishing = hubs.publish(first, {}, { ...options, wait: () => held })
    await begun
    await expect(hubs.publish(second)).rejects.toThrow('is being published')
    hubs.hub(A).refuse = undefined
    release()
    expect((await publishing).accepted).toBe(1)
    await hubs.publish(second)
    await expect(hubs.publish(first)).rejects.toThrow(UsageError)
  })

  test('one that dies between its state and its end counts once', async () => {
    const run = await hubs.run([fails(ONE)])
    const { lake } = hubs
    const dying: Lake = {
      ...lake,
      createIfAbsent: (name, text) =>
        name.startsWith('hub_state/generations')
          ? Promise.reject(new Error('killed'))
          : lake.createIfAbsent(name, text),
    }
    await expect(hubs.publish(run, {}, { lake: dying })).rejects.toThrow('killed')
    expect(await hubs.publish(run)).toMatchObject({ accepted: 1 })
    const next = await hubs.publish(await hubs.run([fails(ONE)]))
    expect(next).toMatchObject({ sent: 0, unchanged: 1 })
  })

  test('a hub that there is no time to ask is told all the same', async () => {
    const clock = () => new Date('2026-11-23T08:00:00Z')
    const access = { aws: { clock } } as HubAccess
    const place = { account_id: A, region: HERE }
    expect(await lookAtHubs([place], access, { concurrency: 1, until: clock() })).toEqual([
      { ...place, status: 'unverified', subscribed_at: null, detail: 'no time to ask it' },
    ])
  })

  test('what is too much for one goes out with the next', async () => {
    const run = await hubs.run([fails(ONE), fails(TWO)])
    const first = await hubs.publish(run, {}, { most: 1 })
    expect(first).toMatchObject({ accepted: 1, more: true })
    const last = await hubs.publish(run)
    expect(last).toMatchObject({ rounds: 1, accepted: 1, unchanged: 1, more: false })
    const all = await hubs.withEngine((engine) =>
      sumPublications(engine, hubs.lake, { runId: run.run_id, last }),
    )
    expect(all).toMatchObject({
      ...{ rounds: 2, sent: 2, accepted: 2, not_sent: 0, unchanged: 1, more: false },
      by_action: { create: 2 },
      by_account: [{ account_id: A, sent: 2, accepted: 2, refused: 0, archived: 0 }],
      api_calls: first.api_calls + last.api_calls,
    })
  })

  test('slice by slice the hubs are told what they are told at once, those first that can be', async () => {
    const places = [A, B].flatMap((account) => [HERE, HOME].map((region) => ({ account, region })))
    const volumes = places.flatMap(({ account, region }) =>
      [1, 2, 3].map((n) => ({
        ...fails(`arn:aws:ec2:${region}:${account}:volume/vol-${n}`),
        ...{ account, region },
      })),
    )
    switchOff(hubs.hub(A, HERE))
    const run = await hubs.run(volumes)
    // Of the first slice, in the order of accounts and Regions, nothing can be sent.
    const first = await hubs.publish(run, {}, { sliceFindings: 1, most: 4 })
    expect(first).toMatchObject({ accepted: 4, not_sent: 0, more: true })
    const second = await hubs.publish(run, {}, { sliceFindings: 4 })
    expect(second).toMatchObject({ accepted: 5, not_sent: 3, unchanged: 4, more: false })
    const told = hubs.told()
    expect(told).toHaveLength(9)

    const [, , , , , , , resolved, ...rest] = volumes
    const left = rest.slice(0, -1)
    const next = await hubs.run([
      ...volumes.slice(3, 7),
      ...(resolved ? [{ ...resolved, status: 'pass' as const }] : []),
      ...left,
    ])
    const planned = await hubs.plan(next)
    const third = await hubs.publish(next, {}, { sliceFindings: 1 })
    expect(third).toMatchObject({
      by_action: { archive: 1, resolve: 1 },
      accepted: 2,
      unchanged: 7,
    })
    expect(planned).toHaveLength(2)
    expect(await hubs.publish(next, {}, { sliceFindings: 2 })).toMatchObject({ sent: 0 })
  })

  test('what one round was not sure of counts once, as the next one found it', async () => {
    const run = await hubs.run([fails(ONE), fails(TWO)])
    hubs.simulator.addFaults({
      operation: 'securityhub:BatchImportFindings',
      kind: 'reset',
      nth: [1, 2, 3, 4, 5, 6],
    })
    const first = await hubs.publish(run)
    expect(first).toMatchObject({ accepted: 0, unsure: 2 })
    const last = await hubs.publish(run)
    const all = await hubs.withEngine((engine) =>
      sumPublications(engine, hubs.lake, { runId: run.run_id, last }),
    )
    expect(all).toMatchObject({ rounds: 2, sent: 2, accepted: 2, unsure: 0, refusals: [] })
  })

  test('a control that left the catalogue leaves the hub', async () => {
    const first = await hubs.run([fails(ONE)])
    await hubs.publish(first)
    await hubs.withEngine((engine) =>
      engine.copyToParquet(
        `select * exclude (run_id) replace ('no-longer-judged' as control_id, finding_id || '0' as finding_id)
        from lake.hub_state`,
        hubs.lake.path(`hub_state/run_id=${first.run_id}/1-1/data.parquet`),
      ),
    )
    const publication = await hubs.publish(await hubs.run([fails(ONE)]))
    expect(publication.by_action).toEqual({ archive: 1, create: 1 })
    expect(hubs.told()).toContain(`${A} ${HERE} ${ONE}: FAILED ARCHIVED CONTROL_RETIRED`)
  })

  test('a run that is not judged is not published', async () => {
    const run = await hubs.run([])
    await hubs.lake.remove(`scores/run_id=${run.run_id}`)
    await expect(hubs.publish(run)).rejects.toThrow('is not judged yet')
  })
})
