import type { GetEventSelectorsResponse } from '@aws-sdk/client-cloudtrail'
import { cloudtrailState, type SimulatedTrail } from '../operations/cloudtrail.ts'
import type { Cell, Ledger } from './cell.ts'
import type { Soil } from './plant.ts'

/** How an account's own trail is made. */
type Way = 'good' | 'writes' | 'single' | 'stopped' | 'unvalidated' | 'reads' | 'data' | 'none'

interface AccountTrail {
  way: Way
  homeRegion: string
  own: SimulatedTrail | undefined
}

const planted = new WeakMap<Ledger, Map<string, AccountTrail>>()

/** The trail of an account, which is made with its first cell. */
function trailOf({ ledger, accountId, region }: Cell, { random }: Soil): AccountTrail {
  const ofLedger = planted.get(ledger) ?? new Map<string, AccountTrail>()
  planted.set(ledger, ofLedger)
  const known = ofLedger.get(accountId)
  if (known) return known
  const way = random.pick<Way>([
    ...(['good', 'good', 'good', 'writes', 'writes', 'unvalidated', 'single'] as const),
    ...(['stopped', 'reads', 'data', 'none'] as const),
  ])
  const homeRegion = way === 'single' ? 'eu-west-1' : region
  const own = way === 'none' ? undefined : ownTrail(accountId, homeRegion, way)
  const made = { way, homeRegion, own }
  ofLedger.set(accountId, made)
  return made
}

/** Plants what the cell sees of trails: the organization's, and the account's own where it records. */
export function plantTrails(cell: Cell, soil: Soil): void {
  const { trails } = cloudtrailState(cell.state)
  trails.push(organizationTrail(soil.organization.managementAccountId))
  const { way, own, homeRegion } = trailOf(cell, soil)
  if (own && (way !== 'single' || cell.region === homeRegion)) trails.push(own)
}

/** Whether a trail of the account records the writing calls of the cell. */
export function recordsCalls({ ledger, accountId, region }: Cell): boolean {
  const trail = planted.get(ledger)?.get(accountId)
  if (trail?.way === 'single') return region === trail.homeRegion
  return ['good', 'writes', 'unvalidated'].includes(trail?.way ?? 'none')
}

/** Whether one of its trails records all that an auditor asks for; undefined in all cells of an account but its first. */
export function recordsWell({ ledger, accountId, region }: Cell): boolean | undefined {
  const trail = planted.get(ledger)?.get(accountId)
  const first = trail?.way === 'single' ? 'us-east-1' : trail?.homeRegion
  if (region !== first) return undefined
  return trail?.way === 'good' || trail?.way === 'writes'
}

/** It records reading alone, and so leaves it to the accounts to see who deletes. */
function organizationTrail(owner: string): SimulatedTrail {
  return {
    trail: {
      Name: 'organization',
      TrailARN: `arn:aws:cloudtrail:us-east-1:${owner}:trail/organization`,
      HomeRegion: 'us-east-1',
      S3BucketName: `organization-logs-${owner}`,
      IsMultiRegionTrail: true,
      IsOrganizationTrail: true,
      LogFileValidationEnabled: true,
    },
    status: { IsLogging: true },
    selectors: { EventSelectors: [{ ReadWriteType: 'ReadOnly', IncludeManagementEvents: true }] },
  }
}

function ownTrail(accountId: string, region: string, way: Way): SimulatedTrail {
  return {
    trail: {
      Name: 'account',
      TrailARN: `arn:aws:cloudtrail:${region}:${accountId}:trail/account`,
      HomeRegion: region,
      S3BucketName: `logs-${accountId}`,
      IsMultiRegionTrail: way !== 'single',
      IsOrganizationTrail: false,
      LogFileValidationEnabled: way !== 'unvalidated',
    },
    status: { IsLogging: way !== 'stopped' },
    selectors: selectorsOf(way),
  }
}

function selectorsOf(way: Way): Partial<GetEventSelectorsResponse> {
  if (way === 'reads')
    return { EventSelectors: [{ ReadWriteType: 'ReadOnly', IncludeManagementEvents: true }] }
  if (way !== 'writes' && way !== 'data')
    return { EventSelectors: [{ ReadWriteType: 'All', IncludeManagementEvents: true }] }
  const category = way === 'data' ? 'Data' : 'Management'
  const FieldSelectors = [
    { Field: 'eventCategory', Equals: [category] },
    { Field: 'readOnly', Equals: ['false'] },
  ]
  return { AdvancedEventSelectors: [{ Name: `"${way}"`, FieldSelectors }] }
}
