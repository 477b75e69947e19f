import type { CfnResource } from 'aws-cdk-lib'
import { AwsSolutionsChecks, type IApplyRule, NagRuleCompliance } from 'cdk-nag'
import type { IConstruct } from 'constructs'

/** A finding of cdk-nag that we stand by. */
export interface Accepted {
  finding: RegExp
  /** Paths of the constructs that it is accepted for. */
  at: RegExp
  reason: string
}

/** All that we stand by; whatever else cdk-nag finds fails the synthesis, and what it no longer finds fails a test. */
export const ACCEPTED: readonly Accepted[] = [
  {
    finding: /^AwsSolutions-SQS3$/,
    at: /\/DeadLetters\//,
    reason: 'it is where dead letters end; an alarm watches it',
  },
  {
    finding:
      /^AwsSolutions-IAM5\[Resource::[^*]*\/(runs|staging|evidence|inventory|inventory\/carried_evidence|findings|scores|reports|map-results|athena-results|hub_state|hub_plans|publications|hubs)\/\*\]$/,
    at: /\/(Functions\/[a-z-]+-role|Pipeline\/Machine\/Role|Catalog\/Analyst)\//,
    reason: 'a run makes objects of new names: the folder of the lake is as narrow as it gets',
  },
  {
    finding: /^AwsSolutions-IAM5\[Resource::[^*]*\/reports\/latest\.json\*\]$/,
    at: /\/Functions\/report-role\//,
    reason: 'S3 grants by prefix; only that one object has it',
  },
  {
    finding: /^AwsSolutions-IAM5\[Resource::[^*]*:table\/\w+\/\*\]$/,
    at: /\/(Functions\/(report|publish)-role|Pipeline\/Machine\/Role|Catalog\/Analyst)\//,
    reason: 'all tables of one database of our own; a policy that named each would be too long',
  },
  {
    finding: /^AwsSolutions-IAM5\[Resource::[^*]*:table\/\w+\/latest_\*\]$/,
    at: /\/Pipeline\/Machine\/Role\//,
    reason: 'the views of the newest run, one for each table',
  },
  {
    finding: /^AwsSolutions-IAM5\[Resource::arn:[a-z-]+:iam::\*:role\/[^*]+\]$/,
    at: /\/Functions\/(collect|publish)-role\//,
    reason: 'one role by its name, in the accounts of the organization that the condition names',
  },
  {
    finding: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    at: /\/(Functions\/[a-z-]+-role|Pipeline\/Machine\/Role)\//,
    reason:
      'X-Ray, log delivery, organizations:* and ec2:DescribeRegions know no resources; the tests list the actions',
  },
  {
    finding: /^AwsSolutions-IAM5\[Resource::<Functions\w+\.Arn>:\*\]$/,
    at: /\/Pipeline\/Machine\/Role\//,
    reason: 'versions of one function, which the CDK grants with the function',
  },
  {
    finding: /^AwsSolutions-IAM5\[Resource::arn:[a-z-]+:states:.*:\*\]$/,
    at: /\/Pipeline\/Machine\/DistributedMapPolicy\//,
    reason: 'executions of this state machine and of its Maps, whose names are made as they run',
  },
  {
    finding: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    at: /\/(Reads\d+)\//,
    reason: 'read-only calls over everything an account has: what is audited is not known before',
  },
  {
    finding: /^AwsSolutions-IAM5\[Resource::arn:.*:securityhub:\*:.*\]$/,
    at: /\/Publisher\//,
    reason: 'the default product of the account itself, in each Region',
  },
]

/** AwsSolutions of cdk-nag, without what we accept. A finding about a policy names its resource, so that acceptance goes by pattern. */
export class Checks extends AwsSolutionsChecks {
  /** What was accepted at least once. */
  readonly used = new Set<Accepted>()

  constructor(scope: IConstruct) {
    super(scope as never, { verbose: true })
  }

  protected override applyRule(params: IApplyRule): void {
    const suffix = params.ruleSuffixOverride ?? params.rule.name
    const rule = (node: CfnResource) => {
      const result = params.rule(node)
      if (Array.isArray(result)) {
        return result.filter((finding) => !this.#accepts(`${suffix}[${finding}]`, node))
      }
      const failed = result === NagRuleCompliance.NON_COMPLIANT
      return failed && this.#accepts(suffix, node) ? NagRuleCompliance.COMPLIANT : result
    }
    super.applyRule({ ...params, rule, ruleSuffixOverride: suffix })
  }

  #accepts(suffix: string, { node }: CfnResource): boolean {
    const id = `AwsSolutions-${suffix}`
    const accepted = ACCEPTED.find(({ finding, at }) => finding.test(id) && at.test(node.path))
    if (accepted) this.used.add(accepted)
    return accepted !== undefined
  }
}
