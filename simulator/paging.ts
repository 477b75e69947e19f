import { ServiceError } from './errors.ts'
import type { FaultKind } from './fault-kinds.ts'

const TWISTS = ['empty_page', 'duplicate_items', 'repeated_token', 'expired_page_token'] as const

/** A way in which lists misbehave. */
export type Twist = (typeof TWISTS)[number]

/** Answering takes no turn of the event loop: what is set here holds for one call alone. */
let twist: Twist | undefined

/** Whether the list that is asked for misbehaves, for lists that have pages of their own making otherwise. */
export function isTwisted(): boolean {
  return twist !== undefined
}

/** Lets the lists of one call misbehave, where its fault is of that kind. */
export function withTwist<T>(kind: FaultKind | undefined, work: () => T): T {
  twist = TWISTS.find((one) => one === kind)
  try {
    return work()
  } finally {
    twist = undefined
  }
}

export interface PageRequest {
  /** Names the list, so that a token of another list is refused. */
  list: string
  token: string | undefined
  limit: number | undefined
  minimum: number
  maximum: number
  /** What a page holds when the caller names no limit. */
  standard: number
  badToken: string
  badLimit: string
}

/** What can be paged: an array, or a list whose items are made when they are asked for. */
export type Pageable<Item> = Pick<readonly Item[], 'length' | 'slice'>

/** A list of so many items that are made when they are asked for, and not kept. */
export function madeUp<Item>(length: number, make: (index: number) => Item): Pageable<Item> {
  return {
    length,
    slice: (start = 0, end = length) =>
      Array.from({ length: Math.max(0, Math.min(end, length) - start) }, (_, index) =>
        make(start + index),
      ),
  }
}

export interface Page<Item> {
  items: Item[]
  next: string | undefined
}

/** Writes a page token: opaque to the caller. */
export function writeToken(list: string, offset: number): string {
  return Buffer.from(`${list}\n${offset}`).toString('base64')
}

/** Reads a token back, or answers the service's error. */
export function readToken(list: string, token: string | undefined, badToken: string): number {
  if (token === undefined || token === '') return 0
  const [from, offset] = Buffer.from(token, 'base64').toString().split('\n')
  if (from === list && offset !== undefined && /^\d+$/.test(offset)) return Number(offset)
  throw new ServiceError(badToken, 'The pagination token is invalid')
}

/** One page of a list. */
export function page<Item>(all: Pageable<Item>, request: PageRequest): Page<Item> {
  const limit = checkedLimit(request)
  const start = readToken(request.list, request.token, request.badToken)
  const end = start + limit
  if (twist !== undefined) return twistedPage(twist, all.slice(start, end), { ...request, start })
  return {
    items: all.slice(start, end),
    next: end < all.length ? writeToken(request.list, end) : undefined,
  }
}

/** A page of a list that misbehaves: half of what it would hold, so that lists of one page are struck too. */
function twistedPage<Item>(
  kind: Twist,
  whole: Item[],
  { list, token, badToken, start }: PageRequest & { start: number },
): Page<Item> {
  const items = whole.slice(0, Math.max(1, Math.ceil(whole.length / 2)))
  const end = start + items.length
  if (kind === 'empty_page') return { items: [], next: writeToken(list, start) }
  if (kind === 'duplicate_items') return { items, next: writeToken(list, Math.max(start, end - 1)) }
  if (kind === 'repeated_token') return { items, next: writeToken(list, start === 0 ? end : 0) }
  if (token) throw new ServiceError(badToken, 'The pagination token has expired')
  return { items, next: writeToken(list, end) }
}

/** How a service names and bounds the pages of its lists. */
export interface Paging<Token extends string, Limit extends string> {
  /** The member of the input, and of the output, that carries the token. */
  token: Token
  /** The member of the input that says how many items a page may hold. */
  limit: Limit
  minimum: number
  maximum: number
  /** What a page holds when the caller names no limit; the maximum where it is left out. */
  standard?: number
  badToken: string
  badLimit: string
}

type PagedInput<Token extends string, Limit extends string> = {
  [Member in Token]?: string | undefined
} & { [Member in Limit]?: number | undefined }

type Listed<Item, Token extends string> = { items: Item[] } & Record<Token, string | undefined>

/** A function that pages a service's lists: what it answers are the page's items, and the token by the service's name for it. */
export function paging<Token extends string, Limit extends string>(of: Paging<Token, Limit>) {
  const { minimum, maximum, standard = maximum, badToken, badLimit } = of
  return <Item>(
    all: Pageable<Item>,
    list: string,
    input: PagedInput<Token, Limit>,
  ): Listed<Item, Token> => {
    const [token, limit] = [input[of.token], input[of.limit]]
    const bounds = { minimum, maximum, standard, badToken, badLimit }
    const { items, next } = page(all, { list, token, limit, ...bounds })
    // A computed key widens to `string`.
    return { items, [of.token]: next } as Listed<Item, Token>
  }
}

/** The page size to use, or the service's error when it is out of range. */
export function checkedLimit(request: Omit<PageRequest, 'list' | 'token' | 'badToken'>): number {
  const limit = request.limit ?? request.standard
  if (Number.isInteger(limit) && limit >= request.minimum && limit <= request.maximum) return limit
  throw new ServiceError(
    request.badLimit,
    `The page size must be between ${request.minimum} and ${request.maximum}`,
  )
}
