import { contextOf } from './context.ts'
import { anyone, exemptionsOf } from './exemptions.ts'
import { scpVerdict } from './guardrails.ts'
import { resourceVerdict } from './resource-policies.ts'
import type { Asked } from './statements.ts'
import { all, any, not } from './tri.ts'
import type { By, Document, Organization, Principal, Request, Resource, Tri } from './types.ts'

/** What a Deny does to one action. */
export interface Coverage {
  action: string
  /** For everyone of the account but those that are named to be spared, on everything asked about. */
  covered: 'yes' | 'no' | 'unknown'
  /** Patterns of those who are spared, as written. */
  exempt: string[]
  by: By[]
}

/** A vault with what hangs on it. */
export interface Vault {
  arn: string
  account: string
  policy: Document | null
  /** ARNs of recovery points that it holds, one of each service at least. Default: one of AWS Backup's own, of EBS and of RDS. */
  recoveryPoints?: readonly string[]
  organization?: Organization | undefined
}

/** Actions on recovery points; the others are on the vault. */
const onRecoveryPoints = new Set([
  'backup:deleterecoverypoint',
  'backup:updaterecoverypointlifecycle',
  'backup:disassociaterecoverypoint',
  'backup:disassociaterecoverypointfromparent',
  'backup:startrestorejob',
  'backup:startcopyjob',
  'backup:copyfrombackupvault',
  'backup:getrecoverypointrestoremetadata',
])

/**
 * What the Denies of a vault's policy cover, action by action. It is found by sending principals against the policy: a role, a user and
 * root that nobody names must be denied, and those that conditions or NotPrincipal name are then tried one by one. So several
 * statements add up, a Deny for one principal covers nobody else, and an exemption in one statement ends where another denies.
 * Wildcards in Action, which AWS documents as unsupported here, leave `unknown`.
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html
 */
export function coverageOf(vault: Vault, actions: readonly string[]): Coverage[] {
  if (!vault.policy) {
    return actions.map((action) => ({ action, covered: 'no', exempt: [], by: [] }))
  }
  const policy = vault.policy
  return actions.map((action) => {
    const resources = resourcesOf(vault, action).map(
      (arn): Resource => ({ arn, account: vault.account, policy }),
    )
    const blocks = (asked: Asked) => {
      const { deny, denies } = resourceVerdict(asked)
      return { blocked: deny, by: denies }
    }
    return coverage([policy], { action, resources, account: vault.account, blocks, request: vault })
  })
}

function resourcesOf(vault: Vault, action: string): readonly string[] {
  if (!onRecoveryPoints.has(action.toLowerCase())) return [vault.arn]
  if (vault.recoveryPoints && vault.recoveryPoints.length > 0) return vault.recoveryPoints
  const [, partition = 'aws', , region = ''] = vault.arn.split(':')
  return [
    `arn:${partition}:backup:${region}:${vault.account}:recovery-point:zq0strongroom0qz`,
    `arn:${partition}:ec2:${region}::snapshot/snap-zq0strongroom0qz`,
    `arn:${partition}:rds:${region}:${vault.account}:snapshot:awsbackup:zq0strongroom0qz`,
  ]
}

/** An account with the SCPs on its path. */
export interface GuardedAccount extends Pick<Request, 'scps' | 'organization'> {
  account: string
}

/**
 * What SCPs keep from a whole account but named exemptions: by a Deny, or by no level's Allow. The resources are examples of what
 * the action is done to (`kindAt`, or real ones). Nothing in the management account is covered.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
 */
export function guardedActions(
  guarded: GuardedAccount,
  actions: readonly { action: string; resources: readonly string[] }[],
): Coverage[] {
  const { account, scps } = guarded
  return actions.map(({ action, resources }) =>
    coverage(scps?.flat() ?? [], {
      action,
      resources: resources.map((arn) => ({ arn, account, policy: null })),
      account,
      blocks: (asked) => {
        const verdict = scpVerdict(asked)
        if (!verdict) return { blocked: false, by: [] }
        return {
          blocked: any([verdict.deny, not(verdict.allow)], (value) => value),
          by: verdict.denies,
        }
      },
      request: guarded,
    }),
  )
}

interface Question {
  action: string
  resources: readonly Resource[]
  account: string
  blocks(asked: Asked): { blocked: Tri; by: By[] }
  request: Pick<Request, 'organization' | 'scps'>
}

function coverage(documents: readonly Document[], question: Question): Coverage {
  const { action, account, request, resources } = question
  const by = new Map<string, By>()
  const blocks = (principal: Principal): Tri =>
    all(resources, (resource) => {
      const sent = {
        action,
        principal,
        resource,
        organization: request.organization,
        scps: request.scps,
      }
      const answer = question.blocks({ request: sent, context: contextOf(sent) })
      for (const entry of answer.by) by.set(`${entry.document} ${entry.statement}`, entry)
      return answer.blocked
    })
  const exemptions = exemptionsOf(documents, account)
  // Root may be spared by name like anyone else.
  const spared = exemptions.some(({ example }) => example.kind === 'root')
  const everyone = anyone(account).filter(({ kind }) => kind !== 'root' || !spared)
  const covered = resources.length === 0 ? 'unknown' : all(everyone, blocks)
  const exempt = exemptions
    .filter(({ example }) => blocks(example) !== true)
    .map(({ pattern }) => pattern)
  return {
    action,
    covered: covered === 'unknown' ? 'unknown' : covered ? 'yes' : 'no',
    exempt: covered === false ? [] : exempt,
    by: [...by.values()],
  }
}
