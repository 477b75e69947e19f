import { ServiceError } from './errors.ts'

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
export function page<Item>(all: readonly Item[], request: PageRequest): Page<Item> {
  const limit = checkedLimit(request)
  const start = readToken(request.list, request.token, request.badToken)
  const end = start + limit
  return {
    items: all.slice(start, end),
    next: end < all.length ? writeToken(request.list, end) : undefined,
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
