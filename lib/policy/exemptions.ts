import { operators } from './operators.ts'
import { accountOf } from './principals.ts'
import type { Condition, Document, Principal, Statement } from './types.ts'

/** Who a Deny may spare: named by a pattern of ARNs or ids, with an example of it. */
export interface Exemption {
  pattern: string
  example: Principal
}

/** Names that no policy names by chance: who is denied among these is everyone. */
export function anyone(account: string, partition = 'aws'): Principal[] {
  const arn = `arn:${partition}:iam::${account}`
  const tags = {}
  return [
    {
      arn: `${arn}:role/zq0strongroom0qz`,
      account,
      kind: 'role',
      id: 'AROAZQ0STRONGROOM0QZ0',
      identity: [],
    },
    {
      arn: `${arn}:user/zq0strongroom0qz`,
      account,
      kind: 'user',
      id: 'AIDAZQ0STRONGROOM0QZ0',
      tags,
      identity: [],
    },
    { arn: `${arn}:root`, account, kind: 'root', identity: [] },
  ]
}

/** Whom Denies of documents name to spare: in conditions that do not hold for them, or in NotPrincipal. */
export function exemptionsOf(documents: readonly Document[], account: string): Exemption[] {
  const denies = documents.flatMap(
    ({ policy }) => policy?.statements.filter(({ effect }) => effect === 'Deny') ?? [],
  )
  const patterns = new Set(denies.flatMap((deny) => [...sparedByCondition(deny), ...spared(deny)]))
  return [...patterns].map((pattern) => ({ pattern, example: exampleOf(pattern, account) }))
}

function sparedByCondition({ conditions }: Statement): string[] {
  return conditions
    .filter((condition) => isNegated(condition) && identities.has(condition.lookup))
    .flatMap(({ values }) => values.map(({ source }) => source))
}

const identities = new Set(['aws:principalarn', 'aws:userid', 'aws:username'])

function isNegated({ operator }: Condition): boolean {
  return operators.get(operator)?.negated === true
}

function spared({ principal }: Statement): string[] {
  if (!principal?.negated) return []
  return principal.entries.filter(({ type }) => type !== 'Service').map(({ value }) => value)
}

function exampleOf(pattern: string, account: string): Principal {
  const text = pattern.replace(/[*?]/g, 'x')
  const session = /^arn:([a-z-]+):sts::([^:]*):assumed-role\/([^/]+)/.exec(text)
  if (session) return roleOf(`arn:${session[1]}:iam::${session[2]}:role/${session[3]}`, account)
  if (accountOf(pattern)) return rootOf(accountOf(pattern) ?? account)
  const id = /^(A(?:RO|ID)A[A-Za-z0-9]+)(?::.*)?$/.exec(text)?.[1]
  if (id)
    return {
      ...roleOf(`arn:aws:iam::${account}:role/zq0`, account),
      id,
      kind: id.startsWith('AID') ? 'user' : 'role',
    }
  if (text.startsWith('arn:')) return roleOf(text, account)
  return roleOf(`arn:aws:iam::${account}:user/${text}`, account)
}

/** Where a pattern leaves the account open, it is the account's own. */
function roleOf(arn: string, own: string): Principal {
  const account = /^arn:[^:]+:iam::(\d{12}):/.exec(arn)?.[1]
  const fixed = account ? arn : arn.replace(/^(arn:[^:]+:iam::)[^:]*/, `$1${own}`)
  const kind = fixed.includes(':user/') ? 'user' : fixed.endsWith(':root') ? 'root' : 'role'
  return { arn: fixed, account: account ?? own, kind, identity: [] }
}

function rootOf(account: string): Principal {
  return { arn: `arn:aws:iam::${account}:root`, account, kind: 'root', identity: [] }
}
