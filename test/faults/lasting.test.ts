import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuditResult } from '../../lib/audit.ts'
import type { Fault } from '../../simulator/faults.ts'
import {
  type FoundFinding,
  findingsOf,
  type SimulatedOrganization,
  simulate,
  temporaryFolder,
} from '../support/simulated.ts'
import { cellOf, dishonesties, isReached, names, type Struck, struckAt } from './judging.ts'
import { type CellName, ITEMS, LASTING, LISTS, type Place, type Row } from './matrix.ts'

const IMPATIENT = { requestTimeoutMs: 5000, maxAttempts: 3 }

/** One cell of the matrix: a fault at one place. */
interface Case {
  kind: Row['kind']
  cause: string
  place: Place
  cell: CellName
}

const LIST_CASES: Case[] = LASTING.map(({ kind, cause, list: [name, cell] }) => ({
  kind,
  cause,
  place: LISTS[name],
  cell,
}))

const ITEM_CASES: Case[] = LASTING.flatMap(({ kind, cause, item }) =>
  item ? [{ kind, cause, place: ITEMS[item[0]], cell: item[1] }] : [],
)

const titled = (cases: Case[]) =>
  cases.map((one) => [`${one.kind} at ${one.place.operation} of ${one.cell}`, one] as const)

describe('a fault that lasts', () => {
  let simulated: SimulatedOrganization
  let undisturbed: FoundFinding[]
  let lake: string
  let result: AuditResult
  let found: FoundFinding[]
  let calls: Map<string, number>
  let strikes: Struck[]

  const struck = ({ place, cell, cause }: Case) => struckAt(simulated, place, { cell, cause })

  beforeAll(async () => {
    simulated = await simulate({ accounts: 5, regions: 2, story: false })
    const whole = await simulated.audit()
    undisturbed = await findingsOf(whole.lake, whole.run_id)
    const cases = [...LIST_CASES, ...ITEM_CASES]
    strikes = cases.map(struck)
    const faults = cases.map(({ kind, place, cell }): Fault => {
      const { accountId, region } = cellOf(simulated, cell)
      return { kind, operation: place.operation, account: accountId, region }
    })
    simulated.simulator.addFaults(...faults)
    lake = await temporaryFolder()
    result = await simulated.audit({ lake, ...IMPATIENT })
    found = await findingsOf(lake, result.run_id)
    calls = new Map(
      simulated.simulator.struck().map(({ fault, calls: count }) => [nameOf(fault), count]),
    )
  })
  afterAll(() => simulated.close())

  const nameOf = ({ kind, operation, account, region }: Fault) =>
    `${kind} ${operation} ${account} ${region}`

  function of({ place, cell, kind }: Case) {
    const { accountId: account, region } = cellOf(simulated, cell)
    const inCell = (one: FoundFinding) => one.account_id === account && one.region === region
    const isOwn = (one: FoundFinding) => inCell(one) && place.own.includes(one.control_id)
    expect(
      calls.get(nameOf({ kind, operation: place.operation, account, region })),
    ).toBeGreaterThan(0)
    return { own: found.filter(isOwn), before: undisturbed.filter(isOwn) }
  }

  test('is in an organization that an undisturbed run finds as it was planted', () => {
    expect(undisturbed.length).toBeGreaterThan(500)
    expect(dishonesties(undisturbed, simulated.organization.truth, [])).toEqual([])
  })

  test('leaves all that it does not reach as it is, word for word', () => {
    const beyond = (all: FoundFinding[]) =>
      all.filter((one) => !strikes.some((strike) => isReached(one, strike)))
    expect(beyond(undisturbed).length).toBeGreaterThan(500)
    expect(beyond(found)).toEqual(beyond(undisturbed))
  })

  test('never turns a finding into anything but unknown, with its own cause', () => {
    expect(dishonesties(found, simulated.organization.truth, strikes)).toEqual([])
  })

  test.each(titled(LIST_CASES))('%s', (_, one) => {
    const { own } = of(one)
    for (const control of one.place.own) {
      const judged = own.filter(({ control_id }) => control_id === control)
      const told = judged.filter((each) => each.status === 'unknown' && names(each, struck(one)))
      expect(told.length, control).toBeGreaterThan(0)
      // Pages that came before the fault are evidence of what they show.
      if (one.kind === 'repeated_token' || one.kind === 'expired_page_token') continue
      expect(judged, control).toEqual(told)
    }
  })

  test.each(titled(ITEM_CASES))('%s', (_, one) => {
    of(one)
    const told = found.filter(
      (each) =>
        isReached(each, struck(one)) && each.status === 'unknown' && names(each, struck(one)),
    )
    expect(told.length).toBeGreaterThan(0)
  })

  test('is named in the summary with its cause', () => {
    const told = new Set(
      result.summary.unread.map(
        ({ account_id, region, cause }) => `${account_id} ${region} ${cause}`,
      ),
    )
    const wanted = strikes.map(({ accountId, region, cause }) => `${accountId} ${region} ${cause}`)
    expect([...told].sort()).toEqual([...new Set(wanted)].sort())
  })

  test('is made up for by resuming the run when it is gone', async () => {
    simulated.simulator.clearFaults()
    const asked: string[] = []
    const resumed = await simulated.audit({
      lake,
      resume: result.run_id,
      onProgress(event) {
        if (event.type === 'slice') asked.push(`${event.account_id} ${event.region}`)
      },
    })
    expect(resumed.run_id).toBe(result.run_id)
    expect(resumed.summary.unread).toEqual([])
    expect(await findingsOf(lake, result.run_id)).toEqual(undisturbed)
    const struckCells = new Set(strikes.map(({ accountId, region }) => `${accountId} ${region}`))
    expect(asked.length).toBeGreaterThan(0)
    expect(asked.filter((cell) => !struckCells.has(cell))).toEqual([])
  })
})
