import type { ExpectedFinding } from '../../simulator/truth.ts'
import type { FoundFinding, SimulatedOrganization } from '../support/simulated.ts'
import type { CellName, Place } from './matrix.ts'

/** A fault that struck, and what must be said where it did. */
export interface Struck {
  accountId: string
  /** `*`: all of them, here and below. */
  region: string
  controls: readonly string[] | '*'
  tables: readonly string[] | '*'
  cause: string
}

/** Says in its own words that something was not told: of a trail whose Region was switched off, AWS does not even tell that there is one. */
const IN_ITS_OWN_WORDS = 'cloudtrail-records-backup-calls'

/** Judged by a control that it is not planted for: what is staged without encryption has no key, and whether it is was not told. */
const UNDECIDED = 'drs-staging-disks-use-approved-keys'

type Subject = Pick<ExpectedFinding, 'control_id' | 'account_id' | 'region' | 'resource_arn'>

const subjectOf = ({ control_id, account_id, region, resource_arn }: Subject) =>
  `${control_id} ${account_id} ${region} ${resource_arn}`

/** The account and Region of a name such as `payments-prod/us-east-1`. */
export function cellOf(
  { organization }: SimulatedOrganization,
  name: CellName,
): { accountId: string; region: string } {
  const [account, region = ''] = name.split('/')
  for (const [accountId, { account: known }] of organization.state.accounts) {
    if (known.Name === account) return { accountId, region }
  }
  throw new Error(`there is no account ${account}`)
}

export function struckAt(
  simulated: SimulatedOrganization,
  place: Place,
  { cell, cause }: { cell: CellName; cause: string },
): Struck {
  const { own, shared, tables } = place
  return { ...cellOf(simulated, cell), controls: [...own, ...shared], tables, cause }
}

/** Whether a finding is of a control and cell that a fault reaches; what is judged of the whole account hangs on each of its cells. */
export function isReached(found: Subject, { accountId, region, controls }: Struck): boolean {
  return (
    (controls === '*' || controls.includes(found.control_id)) &&
    found.account_id === accountId &&
    (region === '*' || found.region === region || found.region === 'global')
  )
}

/** Whether a reason names what a fault kept from being read, and why. */
export function names({ reason }: FoundFinding, { tables, cause }: Struck): boolean {
  const isNamed = tables === '*' || tables.some((table) => reason.includes(`${table} `))
  return isNamed && reason.includes(`(${cause})`)
}

/**
 * What is wrong with findings under faults, by the simulator's truth alone: each is as planted, or unknown for the reason of a fault that
 * reaches it; nothing else is found; and what is planted and not found is stood for by an unknown of its cell.
 */
export function dishonesties(
  found: readonly FoundFinding[],
  truth: readonly ExpectedFinding[],
  strikes: readonly Struck[],
): string[] {
  const planted = new Map(truth.map((one) => [subjectOf(one), one]))
  const problems: string[] = []
  const seen = new Set<string>()
  const scopes = new Set<string>()
  for (const one of found) {
    seen.add(subjectOf(one))
    const wanted = planted.get(subjectOf(one))
    if (wanted && wanted.status === one.status) continue
    const reaching = strikes.filter((strike) => isReached(one, strike))
    const told =
      one.status === 'unknown' &&
      reaching.some((strike) => names(one, strike) || one.control_id === IN_ITS_OWN_WORDS)
    const isScope = one.resource_arn === `AWS::::Account:${one.account_id}`
    if (isScope) scopes.add(`${one.control_id} ${one.account_id} ${one.region}`)
    if (told && (wanted || isScope || one.control_id === UNDECIDED)) continue
    problems.push(`${subjectOf(one)}: ${one.status} (${one.reason}), planted ${wanted?.status}`)
  }
  for (const one of truth.filter((each) => !seen.has(subjectOf(each)))) {
    const reaching = strikes.filter((strike) => isReached(one, strike))
    const { control_id, account_id } = one
    const told = reaching.some(({ region }) =>
      [region === '*' ? one.region : region, 'global'].some((place) =>
        scopes.has(`${control_id} ${account_id} ${place}`),
      ),
    )
    if (!told) problems.push(`${subjectOf(one)}: nothing, planted ${one.status}`)
  }
  return problems
}
