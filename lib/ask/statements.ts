import type { By } from '../policy/types.ts'

/** The documents and statements that a decision rests on, as texts, each once; Denies say that they are. */
export function statementsBy(by: readonly By[]): string[] {
  return [
    ...new Set(
      by.map(
        ({ document, statement, effect }) =>
          `${document} ${statement}${effect === 'Deny' ? ' (denies)' : ''}`,
      ),
    ),
  ]
}
