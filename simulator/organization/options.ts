import type { OrganizationState, SimulatedRegion } from '../state.ts'
import type { ExpectedFinding } from '../truth.ts'
import type { PlantedPrincipal } from './principals.ts'

/** What kind of organization to generate. */
export interface OrganizationOptions {
  /** The same seed (and options) gives the same organization. */
  seed: number
  /** Accounts, management and audit account included. */
  accounts?: number
  /** Regions, us-east-1 first, the last ones opt-in. */
  regions?: number
  /** IAM actions that the member role StrongroomAuditor may do. */
  auditorActions: string[]
  /** The moment at which the organization is looked at. */
  now: Date
  /** Plant the demo's special cases; default: where there are 14 accounts and 5 Regions or more. */
  story?: boolean
  /** Multiplies the number of ordinary volumes, snapshots, images and databases of a cell. */
  density?: number
  /** Only so many Regions, the first ones, hold workloads; default: all. In the others there is next to nothing, as in most of an organization's. */
  busyRegions?: number
  /** At least this many recovery points in each workload vault. */
  recoveryPointsPerVault?: number
}

/** One rule by which the simulator misbehaves. */
export interface FaultSpec {
  /** Service and operation, such as `backup:ListBackupVaults`. */
  operation: string
  account?: string
  region?: string
  /** Begins with this call (1: the first) of those that match. */
  nth?: number
  /** How many calls fail. */
  times?: number
  /** Instead of nth and times: the share of calls that fail. */
  rate?: number
  kind: 'throttle' | 'internal_error' | 'reset' | 'expired_token'
}

/** A generated organization, with what an honest audit must find in it. */
export interface GeneratedOrganization {
  state: OrganizationState
  truth: ExpectedFinding[]
  /** Faults that a run must survive without a changed finding. */
  faults: FaultSpec[]
  /** Of the audit account's user. */
  credentials: { accessKeyId: string; secretAccessKey: string }
  externalId: string
  roleName: string
  /** Users and roles by account name, with what each can do. */
  principals: ReadonlyMap<string, readonly PlantedPrincipal[]>
}

/** Options of a large organization without special cases, for benchmarks. */
export function scale(
  options: Pick<OrganizationOptions, 'seed' | 'auditorActions' | 'now'> &
    Partial<OrganizationOptions>,
): OrganizationOptions {
  return { accounts: 200, regions: 17, recoveryPointsPerVault: 50, ...options, story: false }
}

const alwaysOn =
  'us-east-1 eu-west-1 eu-central-1 ap-southeast-2 us-west-2 us-east-2 eu-west-2 eu-north-1 ap-northeast-1 ap-southeast-1 ap-south-1 ca-central-1 eu-west-3 us-west-1 sa-east-1 ap-northeast-2 ap-northeast-3'.split(
    ' ',
  )
const optIn =
  'eu-south-1 af-south-1 ap-east-1 me-south-1 eu-central-2 eu-south-2 ap-south-2 ap-southeast-3 ap-southeast-4 il-central-1 me-central-1'.split(
    ' ',
  )

/** That many real Regions: us-east-1 first, opt-in Regions (one at least) last. */
export function regionsOf(count: number): SimulatedRegion[] {
  if (count < 1 || count > alwaysOn.length + optIn.length)
    throw new RangeError(`Cannot simulate ${count} Regions`)
  const on = alwaysOn.slice(0, Math.max(1, count - 1))
  return [
    ...on.map((name) => ({ name, optIn: false })),
    ...optIn.slice(0, count - on.length).map((name) => ({ name, optIn: true })),
  ]
}
