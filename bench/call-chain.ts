import type { Cell } from '../lib/collect/cell.ts'
import type { Collector } from '../lib/collectors/collector.ts'

/** One call as it was made. Times are in milliseconds. What was asked and answered is looked into when all is over, so that it costs the cell nothing. */
export interface RecordedCall {
  collector: string
  asked: unknown
  answered: unknown
  started: number
  ended: number
}

// biome-ignore lint/suspicious/noExplicitAny: collectors of any tables are recorded alike
type AnyCell = Cell<any>

/** The collector, with each of its calls recorded. */
export function recording(name: string, collector: Collector, calls: RecordedCall[]): Collector {
  async function recorded<T>(asked: unknown, answer: Promise<T>): Promise<T> {
    const started = performance.now()
    const call = { collector: name, asked, answered: undefined, started }
    try {
      const answered = await answer
      calls.push({ ...call, answered, ended: performance.now() })
      return answered
    } catch (error) {
      calls.push({ ...call, ended: performance.now() })
      throw error
    }
  }
  async function* pages(generator: AsyncGenerator, input: object): AsyncGenerator {
    let last: unknown
    for (;;) {
      const { done, value } = await recorded([input, tokensOf(last)], generator.next())
      if (done) return
      yield value
      last = value
      if (tokensOf(last).length === 0) return
    }
  }
  const collect = (cell: AnyCell) =>
    collector.collect({
      ...cell,
      call: (client, command, region) =>
        recorded(Reflect.get(command, 'input'), cell.call(client, command, region)),
      pages: (client, command, input, tokens) =>
        pages(cell.pages(client, command, input, tokens), input) as never,
    })
  return { ...collector, collect }
}

/** The members of a page by which the next one is asked for. */
function tokensOf(page: unknown): unknown[] {
  if (typeof page !== 'object' || page === null) return []
  return Object.entries(page).flatMap(([name, value]) =>
    /token|marker/i.test(name) && value ? [value] : [],
  )
}

function textsOf(value: unknown, into = new Set<string>()): Set<string> {
  if (typeof value === 'string') into.add(value)
  else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      if (name !== '$metadata') textsOf(member, into)
    }
  }
  return into
}

/**
 * How many calls stand one behind another because each is asked with what the one before it answered: an ARN, a name, a token.
 * What a call could ask with before any answer told it is its own knowledge, and makes it wait for none.
 */
export function longestChain(calls: RecordedCall[]): number {
  const firstAsked = firstBy(calls, 'started', ({ asked }) => textsOf(asked))
  const told = firstBy(calls, 'ended', ({ answered }) => textsOf(answered))
  const depths = new Map<RecordedCall, number>()
  for (const call of calls.toSorted((a, b) => a.started - b.started)) {
    const tellers = [...textsOf(call.asked)].flatMap((text) => {
      const key = `${call.collector} ${text}`
      const teller = told.get(key)
      const known = teller === undefined || teller.ended > (firstAsked.get(key)?.started ?? 0)
      return known ? [] : [depths.get(teller) ?? 0]
    })
    depths.set(call, 1 + Math.max(0, ...tellers))
  }
  return Math.max(0, ...depths.values())
}

/** Which call of a collector was the first with a text. */
function firstBy(
  calls: RecordedCall[],
  time: 'started' | 'ended',
  textsOfCall: (call: RecordedCall) => Set<string>,
): Map<string, RecordedCall> {
  const first = new Map<string, RecordedCall>()
  for (const call of calls.toSorted((a, b) => b[time] - a[time])) {
    for (const text of textsOfCall(call)) first.set(`${call.collector} ${text}`, call)
  }
  return first
}
