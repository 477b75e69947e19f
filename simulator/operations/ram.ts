import * as sdk from '@aws-sdk/client-ram'
import { ServiceError } from '../errors.ts'
import { paging } from '../paging.ts'
import { serviceState } from '../state.ts'
import { defineService, type Operation, operation, type Rate } from './operation.ts'

/** A resource share of the account, with what it shares and with whom. */
export interface SimulatedShare {
  share: sdk.ResourceShare
  resources: sdk.Resource[]
  principals: sdk.ResourceShareAssociation[]
}

export const ramState = serviceState('ram', () => ({ shares: [] as SimulatedShare[] }))

/** AWS publishes no figure. */
const rate = (api: string): Rate[] => [{ group: `ram:${api}`, perSecond: 10, burst: 20 }]

const listed = paging({
  token: 'nextToken',
  limit: 'maxResults',
  minimum: 1,
  maximum: 500,
  standard: 50,
  badToken: 'InvalidNextTokenException',
  badLimit: 'InvalidMaxResultsException',
})

/** All shares, or the named ones; a name that is none is an error. */
function named(shares: SimulatedShare[], arns: string[] | undefined): SimulatedShare[] {
  if (!arns?.length) return shares
  return arns.map((arn) => {
    const found = shares.find(({ share }) => share.resourceShareArn === arn)
    if (found) return found
    throw new ServiceError('UnknownResourceException', `ResourceShare ${arn} could not be found.`)
  })
}

function onlyOwn(owner: string | undefined): void {
  if (owner === 'SELF') return
  throw new ServiceError('InvalidParameterException', `The simulator knows no shares of ${owner}`)
}

const operations: Operation[] = [
  operation<sdk.ListResourcesCommandInput, sdk.ListResourcesCommandOutput>('ram', {
    schema: sdk.ListResources$,
    accepts: ['resourceOwner', 'maxResults', 'nextToken'],
    rates: rate('ListResources'),
    handle: ({ cell }, input) => {
      onlyOwn(input.resourceOwner)
      const all = ramState(cell).shares.flatMap((one) => one.resources)
      const { items, nextToken } = listed(all, 'resources', input)
      return { resources: items, nextToken }
    },
  }),
  operation<sdk.GetResourceSharesCommandInput, sdk.GetResourceSharesCommandOutput>('ram', {
    schema: sdk.GetResourceShares$,
    accepts: ['resourceOwner', 'resourceShareArns', 'maxResults', 'nextToken'],
    rates: rate('GetResourceShares'),
    handle: ({ cell }, input) => {
      onlyOwn(input.resourceOwner)
      const all = named(ramState(cell).shares, input.resourceShareArns).map(({ share }) => share)
      const { items, nextToken } = listed(all, `shares ${input.resourceShareArns}`, input)
      return { resourceShares: items, nextToken }
    },
  }),
  operation<
    sdk.GetResourceShareAssociationsCommandInput,
    sdk.GetResourceShareAssociationsCommandOutput
  >('ram', {
    schema: sdk.GetResourceShareAssociations$,
    accepts: ['associationType', 'resourceShareArns', 'maxResults', 'nextToken'],
    rates: rate('GetResourceShareAssociations'),
    handle: ({ cell }, input) => {
      if (input.associationType !== 'PRINCIPAL') {
        throw new ServiceError('InvalidParameterException', 'The simulator knows principals only')
      }
      const all = named(ramState(cell).shares, input.resourceShareArns)
      const { items, nextToken } = listed(
        all.flatMap(({ principals }) => principals),
        `principals ${input.resourceShareArns}`,
        input,
      )
      return { resourceShareAssociations: items, nextToken }
    },
  }),
]

export default defineService({ name: 'ram', family: 'restJson', operations })
