import type { StoredRow } from '../lake/table.ts'
import { tellApart } from '../policy/things.ts'
import type { Document } from '../policy/types.ts'

/** ARNs of the points that a vault holds: all where its policy may treat one unlike another, else one. */
export function examplesIn(
  points: readonly StoredRow[],
  policy: Document | null,
  action: string,
): string[] {
  const arns = points.map((point) => String(point.arn))
  const apart = policy !== null && tellApart([policy], action)
  return apart ? arns : arns.slice(0, 1)
}
