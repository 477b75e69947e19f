import * as sdk from '@aws-sdk/client-cloudtrail'
import { ServiceError } from '../errors.ts'
import { page } from '../paging.ts'
import { serviceState } from '../state.ts'
import {
  defineService,
  type Operation,
  type OperationContext,
  operation,
  type Rate,
} from './operation.ts'

/** A trail as one account sees it in one Region, with what it does where that is where it was made. */
export interface SimulatedTrail {
  trail: sdk.Trail
  status?: Partial<sdk.GetTrailStatusResponse>
  selectors?: Pick<sdk.GetEventSelectorsResponse, 'EventSelectors' | 'AdvancedEventSelectors'>
}

/** What each cell sees: its own trails, and the shadows of others. */
export const cloudtrailState = serviceState('cloudtrail', () => ({
  trails: [] as SimulatedTrail[],
}))

/** CloudTrail's quotas: ten calls of a kind a second. */
const rate = (api: string): Rate[] => [{ group: `cloudtrail:${api}`, perSecond: 10, burst: 10 }]

/** There is no page size to choose. */
const PAGE = 100

function trailOf({ cell }: OperationContext, name: string | undefined): SimulatedTrail {
  const found = cloudtrailState(cell).trails.find(({ trail }) =>
    [trail.TrailARN, trail.Name].includes(name),
  )
  if (found) return found
  throw new ServiceError('TrailNotFoundException', `Unknown trail: ${name}`)
}

const operations: Operation[] = [
  operation<sdk.DescribeTrailsCommandInput, sdk.DescribeTrailsCommandOutput>('cloudtrail', {
    schema: sdk.DescribeTrails$,
    accepts: ['includeShadowTrails', 'trailNameList'],
    rates: rate('DescribeTrails'),
    handle: ({ cell, region, accountId }, { includeShadowTrails = true, trailNameList = [] }) => {
      const isShadow = ({ HomeRegion, TrailARN }: sdk.Trail) =>
        HomeRegion !== region || TrailARN?.split(':')[4] !== accountId
      const trailList = cloudtrailState(cell)
        .trails.map(({ trail }) => trail)
        .filter((trail) => includeShadowTrails || !isShadow(trail))
        .filter(
          ({ TrailARN = '' }) => trailNameList.length === 0 || trailNameList.includes(TrailARN),
        )
      return { trailList }
    },
  }),
  operation<sdk.ListTrailsCommandInput, sdk.ListTrailsCommandOutput>('cloudtrail', {
    schema: sdk.ListTrails$,
    accepts: ['NextToken'],
    rates: rate('ListTrails'),
    handle: ({ account, accountId }, { NextToken }) => {
      const own = [...account.cells].flatMap(([region, cell]) =>
        cloudtrailState(cell)
          .trails.map(({ trail }) => trail)
          .filter(({ HomeRegion }) => HomeRegion === region)
          .filter(({ TrailARN }) => TrailARN?.split(':')[4] === accountId),
      )
      const { items, next } = page(own, {
        list: 'trails',
        token: NextToken,
        limit: PAGE,
        ...{ minimum: 1, maximum: PAGE, standard: PAGE },
        badToken: 'InvalidTokenException',
        badLimit: 'InvalidParameterException',
      })
      const Trails = items.map(({ TrailARN, Name, HomeRegion }) => ({ TrailARN, Name, HomeRegion }))
      return { Trails, NextToken: next }
    },
  }),
  operation<sdk.GetTrailStatusCommandInput, sdk.GetTrailStatusCommandOutput>('cloudtrail', {
    schema: sdk.GetTrailStatus$,
    accepts: ['Name'],
    rates: rate('GetTrailStatus'),
    resource: (_, { Name }) => Name ?? '*',
    // By its ARN, a shadow trail has a status too.
    handle: (context, { Name }) => ({ ...trailOf(context, Name).status }),
  }),
  operation<sdk.GetEventSelectorsCommandInput, sdk.GetEventSelectorsCommandOutput>('cloudtrail', {
    schema: sdk.GetEventSelectors$,
    accepts: ['TrailName'],
    rates: rate('GetEventSelectors'),
    resource: (_, { TrailName }) => TrailName ?? '*',
    handle: (context, { TrailName }) => {
      const { trail, selectors } = trailOf(context, TrailName)
      const owner = trail.TrailARN?.split(':')[4]
      if (owner !== context.accountId) {
        const message = `AccountID in ARN is wrong, you can only access resources with AccountID ${context.accountId}.`
        throw new ServiceError('CloudTrailARNInvalidException', message)
      }
      // Only where the trail was made.
      if (trail.HomeRegion !== context.region) {
        throw new ServiceError('TrailNotFoundException', `Unknown trail: ${TrailName}`)
      }
      return { TrailARN: trail.TrailARN, ...selectors }
    },
  }),
]

export default defineService({ name: 'cloudtrail', family: 'json', operations })
