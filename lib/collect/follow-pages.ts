import { classifyError } from '../aws/causes.ts'
import { FailedCall, rootCause } from './failed-call.ts'

interface Pages {
  /** The member of a page that holds the token of the next one. */
  token: string
  /** Names the operation in an error. */
  named: (error: unknown) => FailedCall
}

/**
 * Reads a list to its end. An empty page with a token is not the end.
 * @throws FailedCall where a token comes a second time, which would never end, or is refused; the list may well be read when it is begun anew
 */
export async function* followPages<Page, Token = string>(
  read: (token?: Token) => Promise<Page>,
  { token: member, named }: Pages,
): AsyncGenerator<Page> {
  const followed = new Set<string>()
  let token: Token | undefined
  do {
    const page = await (token === undefined ? read() : read(token).catch(refusedToken))
    yield page
    token = tokenOf(page, member) as Token | undefined
    if (token === undefined) return
    const name = JSON.stringify(token)
    if (followed.has(name)) {
      throw Object.assign(named(new Error('the same page token was answered twice')), {
        passing: true,
      })
    }
    followed.add(name)
  } while (true)
}

function tokenOf(page: unknown, member: string): unknown {
  const token: unknown = Reflect.get(page as object, member)
  return token || undefined
}

/** The first page was answered, so that an error which says nothing else is about the token: it has expired. */
function refusedToken(error: unknown): never {
  if (error instanceof FailedCall && classifyError(rootCause(error)).cause === 'error') {
    error.passing = true
  }
  throw error
}
