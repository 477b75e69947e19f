import { CfnFindingAggregator, CfnInsight } from 'aws-cdk-lib/aws-securityhub'
import { Construct } from 'constructs'
import { UNREAD_CONTROL } from '../securityhub/texts.ts'

export interface SecurityHubProps {
  readonly name: string
  /** Whether insights are made; Security Hub must be on in the audit account then. */
  readonly insights: boolean
  /** Regions whose findings are shown in this one too: all, or those named; none where the list is empty. */
  readonly aggregate: 'all' | readonly string[]
}

/** What Security Hub of the audit account shows of the findings that it was sent. */
export class SecurityHub extends Construct {
  constructor(scope: Construct, id: string, { name, insights, aggregate }: SecurityHubProps) {
    super(scope, id)
    if (aggregate === 'all') {
      new CfnFindingAggregator(this, 'Aggregator', { regionLinkingMode: 'ALL_REGIONS' })
    } else if (aggregate.length > 0) {
      new CfnFindingAggregator(this, 'Aggregator', {
        regionLinkingMode: 'SPECIFIED_REGIONS',
        regions: [...aggregate],
      })
    }
    if (!insights) return
    const equals = (...values: string[]) => values.map((value) => ({ comparison: 'EQUALS', value }))
    const open = {
      productName: equals('Strongroom'),
      recordState: equals('ACTIVE'),
      workflowStatus: equals('NEW', 'NOTIFIED'),
    }
    const failing = { ...open, complianceStatus: equals('FAILED') }
    const unread = { ...open, generatorId: equals(`strongroom/${UNREAD_CONTROL}`) }
    const insight = (key: string, title: string, groupByAttribute: string, filters: object) =>
      new CfnInsight(this, key, { name: `${name}: ${title}`, groupByAttribute, filters })
    insight('Accounts', 'accounts with most failures', 'AwsAccountId', failing)
    insight('Controls', 'controls with most failures', 'GeneratorId', failing)
    insight('Unread', 'accounts that could not be read', 'ResourceId', unread)
  }
}
