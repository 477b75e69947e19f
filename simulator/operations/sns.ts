import * as sdk from '@aws-sdk/client-sns'
import { ServiceError } from '../errors.ts'
import { page } from '../paging.ts'
import { serviceState } from '../state.ts'
import { defineService, type Operation, operation, type Rate } from './operation.ts'

/** The attributes of each topic, by its ARN, as GetTopicAttributes answers them. */
export const snsState = serviceState('sns', () => ({
  topics: new Map<string, Record<string, string>>(),
}))

/** SNS's quotas: 30 calls of a kind a second. */
const rate = (api: string): Rate[] => [{ group: `sns:${api}`, perSecond: 30, burst: 30 }]

/** It has no page size to choose. */
const PAGE = 100

const operations: Operation[] = [
  operation<sdk.ListTopicsCommandInput, sdk.ListTopicsCommandOutput>('sns', {
    schema: sdk.ListTopics$,
    accepts: ['NextToken'],
    rates: rate('ListTopics'),
    handle: ({ cell }, { NextToken }) => {
      const { items, next } = page([...snsState(cell).topics.keys()], {
        list: 'topics',
        token: NextToken,
        limit: PAGE,
        ...{ minimum: 1, maximum: PAGE, standard: PAGE },
        badToken: 'InvalidParameter',
        badLimit: 'InvalidParameter',
      })
      return { Topics: items.map((TopicArn) => ({ TopicArn })), NextToken: next }
    },
  }),
  operation<sdk.GetTopicAttributesCommandInput, sdk.GetTopicAttributesCommandOutput>('sns', {
    schema: sdk.GetTopicAttributes$,
    accepts: ['TopicArn'],
    rates: rate('GetTopicAttributes'),
    resource: (_, { TopicArn }) => TopicArn ?? '*',
    handle: ({ cell }, { TopicArn = '' }) => {
      const Attributes = snsState(cell).topics.get(TopicArn)
      if (!Attributes) throw new ServiceError('NotFound', 'Topic does not exist', 404)
      return { Attributes: { TopicArn, ...Attributes } }
    },
  }),
]

export default defineService({
  name: 'sns',
  family: 'query',
  namespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
  operations,
})
