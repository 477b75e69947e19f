import type { ManagedPolicyDetail } from '@aws-sdk/client-iam'
import documents from './managed-policies.json' with { type: 'json' }

/** Names of the AWS managed policies that the organization uses; the documents are AWS's own. */
export type ManagedPolicyName = keyof typeof documents

/** The ARN of an AWS managed policy. */
export function managedPolicyArn(name: ManagedPolicyName): string {
  return `arn:aws:iam::aws:policy${documents[name].path}${name}`
}

/** The policy as IAM tells of it in an account where that many principals have it. */
export function managedPolicy(name: ManagedPolicyName, attachments: number): ManagedPolicyDetail {
  const { path, version, document } = documents[name]
  return policyDetail({
    arn: managedPolicyArn(name),
    name,
    path,
    version,
    document: JSON.stringify(document),
    attachments,
  })
}

interface PolicyOptions {
  arn: string
  name: string
  path?: string
  version?: string
  document: string
  attachments: number
  boundaries?: number
}

/** A managed policy, AWS's or an account's own, with one version that is in force. */
export function policyDetail(options: PolicyOptions): ManagedPolicyDetail {
  const { arn, name, path = '/', version = 'v1', document, attachments, boundaries = 0 } = options
  return {
    PolicyName: name,
    PolicyId: `ANPA${Buffer.from(arn).toString('hex').toUpperCase().slice(-17)}`,
    Arn: arn,
    Path: path,
    DefaultVersionId: version,
    AttachmentCount: attachments,
    PermissionsBoundaryUsageCount: boundaries,
    IsAttachable: true,
    PolicyVersionList: [{ VersionId: version, IsDefaultVersion: true, Document: document }],
  }
}
