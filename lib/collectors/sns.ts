import { GetTopicAttributesCommand, ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns'
import { absentIf } from '../collect/failed-call.ts'
import { told } from '../collect/told.ts'
import { bigint, defineTable, string } from '../lake/table.ts'
import { defineCollector } from './collector.ts'
import { kmsArn, parseArn } from './normalize.ts'

const tables = {
  sns_topics: defineTable('Topics of SNS, one row each.', {
    arn: string('ARN of the topic.'),
    name: string('Name of the topic.'),
    subscriptions_confirmed: bigint('How many confirmed subscriptions it has, of any account.'),
    subscriptions_pending: bigint('How many subscriptions wait for confirmation.'),
    kms_key_arn: string('KMS key, or alias of one, that its messages are encrypted with.'),
    policy: string('Its access policy as stored.'),
  }),
}

/** Who subscribes may be of another account, which no list of the own subscriptions shows: each topic is asked. */
export default defineCollector({
  service: 'sns',
  scope: 'cell',
  actions: ['sns:GetTopicAttributes', 'sns:ListTopics'],
  tables,
  async collect(cell) {
    await cell.read('sns_topics', async () => {
      const topics: { arn: string }[] = []
      for await (const page of cell.pages(SNSClient, ListTopicsCommand, {})) {
        for (const topic of page.Topics ?? []) {
          await cell.read('sns_topics', async () => {
            topics.push({ arn: told(topic, 'TopicArn') })
          })
        }
      }
      await cell.perItem('sns_topics', topics, async ({ arn }) => {
        const command = new GetTopicAttributesCommand({ TopicArn: arn })
        // Deleted since it was listed.
        const answer = await absentIf(['NotFoundException'], () => cell.call(SNSClient, command))
        if (!answer) return
        const attributes = told(answer, 'Attributes')
        await cell.put('sns_topics', {
          arn,
          name: parseArn(arn)?.resource,
          subscriptions_confirmed: count(attributes.SubscriptionsConfirmed),
          subscriptions_pending: count(attributes.SubscriptionsPending),
          kms_key_arn: kmsArn(attributes.KmsMasterKeyId, cell),
          policy: attributes.Policy,
        })
      })
    })
  },
})

/** SNS answers numbers as text. */
function count(text: string | undefined): number | undefined {
  return /^\d+$/.test(text ?? '') ? Number(text) : undefined
}
