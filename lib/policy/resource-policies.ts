import { serviceOf } from './guardrails.ts'
import { reachOf } from './principals.ts'
import { type Asked, applies, by, statementsAbout } from './statements.ts'
import type { By, Document, Request, Statement, Tri } from './types.ts'

/** What a resource policy says, by how its Allows reach the principal. */
export interface ResourceVerdict {
  deny: Tri
  denies: By[]
  /** Names the principal itself. */
  direct: Tri
  /** Is for everyone. */
  everyone: Tri
  /** Delegates to the principal's account. */
  account: Tri
  allows: By[]
}

/**
 * Actions that a resource policy must allow, whatever IAM says: a key's and a role's policy are their roots of trust.
 * "Unless the key policy explicitly allows it, you cannot use IAM policies to allow access to a KMS key."
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
 */
export function needsResourcePolicy({ action, resource }: Request): boolean {
  const name = action.toLowerCase()
  if (name.startsWith('sts:assumerole')) return true
  return name.startsWith('kms:') && resource.arn.includes(':key/')
}

/**
 * A vault's policy reaches another account for copies into the vault only: "cross-account access for any action other than
 * backup:CopyIntoBackupVault will be rejected".
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html
 */
export function reachesOtherAccounts(action: string): boolean {
  return serviceOf(action) !== 'backup' || action.toLowerCase() === 'backup:copyintobackupvault'
}

export function resourceVerdict(asked: Asked): ResourceVerdict {
  const none = { deny: false, direct: false, everyone: false, account: false } as const
  const { policy } = asked.request.resource
  if (policy === null) return { ...none, denies: [], allows: [] }
  if (policy === 'default') return { ...none, account: delegates(asked), denies: [], allows: [] }
  const document = policy ?? { id: `policy of ${asked.request.resource.arn}`, policy: undefined }
  if (!document.policy) return unread(document)
  const verdict: ResourceVerdict = { ...none, denies: [], allows: [] }
  for (const statement of statementsAbout(document.policy, asked.request.action)) {
    weigh(verdict, statement, document, asked)
  }
  return verdict
}

function delegates({ request }: Asked): Tri {
  return request.principal.account === request.resource.account
}

function unread(document: Document): ResourceVerdict {
  return {
    deny: 'unknown',
    direct: 'unknown',
    everyone: 'unknown',
    account: 'unknown',
    denies: [by(document, undefined, 'Deny', true)],
    allows: [by(document, undefined, 'Allow', true)],
  }
}

function weigh(verdict: ResourceVerdict, statement: Statement, document: Document, asked: Asked) {
  const reach = reachOf(statement, asked.request.principal)
  if (reach === 'none') return
  const holds = applies(statement, asked)
  if (holds === false) return
  const uncertain = reach === 'unknown' || wildcardInVault(statement, asked)
  const answer = uncertain ? 'unknown' : holds
  const entry = by(document, statement, statement.effect, answer === 'unknown')
  if (statement.effect === 'Deny') {
    verdict.denies.push(entry)
    verdict.deny = stronger(verdict.deny, answer)
    return
  }
  verdict.allows.push(entry)
  const how = reach === 'unknown' ? 'direct' : reach
  verdict[how] = stronger(verdict[how], answer)
}

/** "AWS Backup access policies don't support a wildcard in the Action key": what one does is not documented. */
function wildcardInVault(statement: Statement, { request }: Asked): boolean {
  return serviceOf(request.action) === 'backup' && usesActionWildcard(statement, request.action)
}

/** Whether a statement is about an action by a wildcard only. */
export function usesActionWildcard(statement: Statement, action: string): boolean {
  const { negated, patterns } = statement.action
  if (negated) return patterns.some(({ wild }) => wild)
  return !patterns.some(({ glob }) => glob === action.toLowerCase())
}

function stronger(before: Tri, answer: true | 'unknown'): Tri {
  return before === true ? true : answer
}
