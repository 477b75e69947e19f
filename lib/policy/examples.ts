import { powers } from './powers.ts'
import { kindAt } from './witness.ts'

/**
 * Examples of what an action of the table of powers is done to, one of each form of ARN: names that no policy names by chance. For
 * questions about everything of an account, such as what SCPs keep from it.
 */
export function examplesOf(
  action: string,
  place: { account: string; region: string; partition?: string },
): string[] {
  const name = action.toLowerCase()
  const templates = powers
    .filter(({ actions }) => actions.some((other) => other.toLowerCase() === name))
    .flatMap(({ resources }) => resources)
  return [...new Set(templates)].map((arn) => kindAt(arn, { partition: 'aws', ...place }).generic)
}
