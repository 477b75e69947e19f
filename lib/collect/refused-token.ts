import { type Classified, classifyError, SessionEnded } from '../aws/causes.ts'
import type { Counters } from '../aws/meter.ts'
import type { Session } from '../aws/session.ts'
import { enabledRegions } from '../discover.ts'
import { switchedOffMidway } from './answer.ts'

/**
 * Finds out why a Region did not know the session's credentials, which one and the same error tells of a Region that was switched off
 * meanwhile and of a role that was deleted meanwhile. It is asked once for each Region.
 * @returns undefined where neither is the case, or nobody can tell
 */
export function whyRefused(
  session: Session,
  at: { region: string; counters: Counters },
): (region: string) => Promise<Classified | undefined> {
  const known = new Map<string, Promise<Classified | undefined>>()

  async function find(region: string): Promise<Classified | undefined> {
    try {
      const enabled = await enabledRegions(session, at)
      if (enabled.has(region) || region === 'global') return undefined
      return { ...switchedOffMidway, transient: false }
    } catch (error) {
      const ended = endOf(error)
      return ended && classifyError(ended)
    }
  }

  return (region) => {
    const answer = known.get(region) ?? find(region)
    known.set(region, answer)
    return answer
  }
}

function endOf(error: unknown): SessionEnded | undefined {
  if (error instanceof SessionEnded) return error
  return error instanceof Error && error.cause !== undefined ? endOf(error.cause) : undefined
}
