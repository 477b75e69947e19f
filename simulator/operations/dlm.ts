import * as sdk from '@aws-sdk/client-dlm'
import { ServiceError } from '../errors.ts'
import { serviceState } from '../state.ts'
import { defineService, type Operation, operation, type Rate } from './operation.ts'

/** Policies of Data Lifecycle Manager, whole, as GetLifecyclePolicy answers them. */
export const dlmState = serviceState('dlm', () => ({ policies: [] as sdk.LifecyclePolicy[] }))

/** AWS publishes no figure. */
const rate = (api: string): Rate[] => [{ group: `dlm:${api}`, perSecond: 10, burst: 20 }]

const operations: Operation[] = [
  operation<sdk.GetLifecyclePoliciesCommandInput, sdk.GetLifecyclePoliciesCommandOutput>('dlm', {
    schema: sdk.GetLifecyclePolicies$,
    accepts: [],
    rates: rate('GetLifecyclePolicies'),
    handle: ({ cell }) => ({
      Policies: dlmState(cell).policies.map((policy) => ({
        PolicyId: policy.PolicyId,
        Description: policy.Description,
        State: policy.State,
        Tags: policy.Tags,
        PolicyType: policy.PolicyDetails?.PolicyType,
        DefaultPolicy: policy.DefaultPolicy,
      })),
    }),
  }),
  operation<sdk.GetLifecyclePolicyCommandInput, sdk.GetLifecyclePolicyCommandOutput>('dlm', {
    schema: sdk.GetLifecyclePolicy$,
    accepts: ['PolicyId'],
    rates: rate('GetLifecyclePolicy'),
    resource: ({ accountId, region, state }, { PolicyId }) =>
      `arn:${state.partition}:dlm:${region}:${accountId}:policy/${PolicyId}`,
    handle: ({ cell }, { PolicyId }) => {
      const Policy = dlmState(cell).policies.find((policy) => policy.PolicyId === PolicyId)
      if (Policy) return { Policy }
      throw new ServiceError('ResourceNotFoundException', `Policy ${PolicyId} not found`, 404)
    },
  }),
]

export default defineService({ name: 'dlm', family: 'restJson', operations })
