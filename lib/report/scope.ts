import { UsageError } from '../usage-error.ts'
import type { Scope } from './page-data.ts'

/**
 * Whose rows are asked for: an account's, those below an OU, or everyone's.
 * @throws UsageError where both are given, or what is no id
 */
export function scopeOf({ account, ou }: { account?: string; ou?: string }): Scope {
  if (account !== undefined && ou !== undefined) {
    throw new UsageError('give --account or --ou, not both')
  }
  if (account !== undefined) {
    if (!/^\d{12}$/.test(account)) {
      throw new UsageError(`${JSON.stringify(account)} is no account id: it has twelve digits`)
    }
    return { kind: 'account', id: account }
  }
  if (ou === undefined) return { kind: 'organization', id: '' }
  if (!/^[\w-]+$/.test(ou)) {
    throw new UsageError(`${JSON.stringify(ou)} is no id of an OU or a root`)
  }
  return { kind: 'ou', id: ou }
}
