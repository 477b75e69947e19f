import { parsePolicy } from './parse.ts'
import type { Document, Policy, PolicyKind, Problem } from './types.ts'

/** Reads documents as they were collected; equal texts share one policy, which is then looked through once. */
export interface Documents {
  /** `text` as stored; undefined where it was not read. A malformed document keeps its place, without a policy. */
  read(id: string, text: string | undefined, kind: PolicyKind): Document
  /** What is malformed, by the id of the document. */
  problems: ReadonlyMap<string, readonly Problem[]>
}

export function openDocuments(): Documents {
  const policies = new Map<string, Policy | readonly Problem[]>()
  const problems = new Map<string, readonly Problem[]>()
  return {
    problems,
    read(id, text, kind) {
      if (text === undefined) return { id, policy: undefined }
      const key = `${kind} ${text}`
      let known = policies.get(key)
      if (!known) {
        const parsed = parsePolicy(text, kind)
        known = 'policy' in parsed ? parsed.policy : parsed.problems
        policies.set(key, known)
      }
      if ('statements' in known) return { id, policy: known }
      problems.set(id, known)
      return { id, policy: undefined }
    },
  }
}
