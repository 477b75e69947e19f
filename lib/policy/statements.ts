import { conditionsHold } from './conditions.ts'
import { actionMatches, resourceMatches } from './match.ts'
import type { By, Context, Document, Policy, Request, Statement, Tri } from './types.ts'

/** A request with what is known of it. */
export interface Asked {
  request: Request
  context: Context
}

/** What documents of one kind say. */
export interface Verdict {
  allow: Tri
  deny: Tri
  allows: By[]
  denies: By[]
}

export interface Found {
  statement: Statement
  document: Document
  applies: true | 'unknown'
}

/** The statements of documents about an action, whatever they ask besides. Kept per policy: many principals share one. */
export function statementsAbout(policy: Policy, action: string): readonly Statement[] {
  let byAction = index.get(policy)
  if (!byAction) {
    byAction = new Map()
    index.set(policy, byAction)
  }
  let found = byAction.get(action)
  if (!found) {
    found = policy.statements.filter((statement) => actionMatches(statement, action))
    if (found.length === 0) found = none
    byAction.set(action, found)
  }
  return found
}

const none: readonly Statement[] = []
const index = new WeakMap<Policy, Map<string, readonly Statement[]>>()

/** Whether a statement's Resource and Condition hold for a request; its action does already. */
export function applies(statement: Statement, asked: Asked): Tri {
  const resource = resourceMatches(statement, asked.request.resource.arn, asked.context)
  if (resource === false) return false
  const condition = conditionsHold(statement.conditions, asked.context)
  return resource === true || condition === false ? condition : 'unknown'
}

/**
 * What documents say of a request: one Deny or one Allow of them is enough. A document that could not be read may say anything.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 */
export function verdictOf(
  documents: readonly Document[],
  asked: Asked,
  holds: (statement: Statement) => Tri = (statement) => applies(statement, asked),
): Verdict {
  const verdict: Verdict = { allow: false, deny: false, allows: [], denies: [] }
  for (const document of documents) {
    if (!document.policy) {
      add(verdict, 'Allow', 'unknown', by(document, undefined, 'Allow', true))
      add(verdict, 'Deny', 'unknown', by(document, undefined, 'Deny', true))
      continue
    }
    for (const statement of statementsAbout(document.policy, asked.request.action)) {
      const answer = holds(statement)
      if (answer === false) continue
      const { effect } = statement
      add(verdict, effect, answer, by(document, statement, effect, answer === 'unknown'))
    }
  }
  return verdict
}

function add(verdict: Verdict, effect: 'Allow' | 'Deny', answer: true | 'unknown', entry: By) {
  if (effect === 'Allow') {
    verdict.allows.push(entry)
    if (verdict.allow !== true) verdict.allow = answer
  } else {
    verdict.denies.push(entry)
    if (verdict.deny !== true) verdict.deny = answer
  }
}

/** How answers name a statement: by its Sid, else by its index; `unread` for a document without a meaning. */
export function by(
  document: Document,
  statement: Statement | undefined,
  effect: 'Allow' | 'Deny',
  unknown: boolean,
): By {
  const name = statement ? (statement.sid ?? String(statement.index)) : 'unread'
  return { document: document.id, statement: name, effect, unknown }
}
