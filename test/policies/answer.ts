import { decide } from '../../lib/policy/decide.ts'
import { parsePolicy } from '../../lib/policy/parse.ts'
import type { Decision, Document, PolicyKind } from '../../lib/policy/types.ts'
import type { Given, Plain } from './arbitraries.ts'

const account = '111111111111'

/** How far a decision goes. */
export const rank = { denied: 0, conditional: 1, allowed: 2 }

/** What is decided of a random request. */
export function answer(given: Given): Decision {
  const { action, kind, identity, boundary, granted, scps, rcps } = given
  const arn = { user: 'user/app', root: 'root' }[kind as string] ?? 'role/app'
  return decide({
    action,
    principal: {
      arn: `arn:aws:iam::${account}:${arn}`,
      account,
      kind,
      identity: identity.map((list) => document(list, 'identity')),
      boundary: boundary && document(boundary, 'identity'),
    },
    resource: {
      arn: given.resource,
      account: given.foreign ? '222222222222' : account,
      policy: granted ? document(granted, 'resource') : null,
    },
    scps: scps?.map((level) => level.map((list) => document(list, 'scp'))),
    rcps: rcps?.map((level) => level.map((list) => document(list, 'rcp'))),
    context: given.known,
  })
}

function document(list: Plain[] | null, kind: PolicyKind): Document {
  if (!list) return { id: 'unread', policy: undefined }
  const parsed = parsePolicy({ Version: '2012-10-17', Statement: list }, kind)
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems))
  return { id: 'x', policy: parsed.policy }
}
