import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash } from 'node:crypto'
import pLimit from 'p-limit'
import { classifyError, isUnknownToken } from '../aws/causes.ts'
import type { Counters } from '../aws/meter.ts'
import type { ClientClass, OutputOf, Session } from '../aws/session.ts'
import { itemColumn } from '../lake/carry-forward.ts'
import { keeping, LakeFailure } from '../lake/lake-failure.ts'
import type { StoredRow, Table } from '../lake/table.ts'
import type { Gap } from './answer.ts'
import type { Cell, Item, PageTokens } from './cell.ts'
import { FailedCall, failedCall, rootCause } from './failed-call.ts'
import { firstOfEach } from './first-of-each.ts'
import { fittingRow } from './fitting-row.ts'
import { followPages } from './follow-pages.ts'

/** Per-item calls of one listing that are under way at once. */
const ITEMS_AT_ONCE = 8

const NEXT_TOKEN: PageTokens = { request: 'NextToken', response: 'NextToken' }

/** The read of a list that a call belongs to: it hears of the items that are left out. */
const reading = new AsyncLocalStorage<LeftOut | undefined>()

type LeftOut = (failed: FailedCall) => void

export interface CellOptions {
  session: Session
  region: string
  partition: string
  collector: string
  counters: Counters
  clock: () => Date
  append(table: string, row: StoredRow): Promise<void>
  /** The collector's tables. */
  tables: Record<string, Table>
  /** Where calls go when the cell belongs to no Region. */
  homeRegion: string
  /** Items that may be read by calls of their own. */
  perItemCalls: number
  /** When an earlier run read the item; undefined: never. */
  lastRead: (arn: string) => Date | undefined
}

/** A gap before it is known which cell it is in, and whether another attempt may fill it. */
export interface ObservedGap extends Gap {
  transient: boolean
  /** Whether the service did not know the credentials. */
  unknown_token: boolean
}

export interface OpenedCell<Tables extends Record<string, Table>> {
  cell: Cell<Tables>
  gaps: ObservedGap[]
  /** What kept rows from being written; undefined: all were. */
  unkept(): LakeFailure | undefined
}

/** Opens a cell for one collector. The gaps fill up while the collector reads. */
export function openCell<Tables extends Record<string, Table>>(
  options: CellOptions,
): OpenedCell<Tables> {
  const { session, region, partition, collector, counters, clock } = options
  const accountId = session.accountId
  const gaps: ObservedGap[] = []
  let budgetLeft = options.perItemCalls
  const marred = new Set<string>()
  const isFirst = firstOfEach()
  let unkept: LakeFailure | undefined

  /** A collector takes what it throws for a failed read, so it is remembered. */
  async function append(table: string, row: StoredRow): Promise<void> {
    try {
      await keeping(() => options.append(table, row))
    } catch (error) {
      if (error instanceof LakeFailure) unkept ??= error
      throw error
    }
  }

  async function call<Command extends object>(
    client: ClientClass,
    command: Command,
    at = region === 'global' ? options.homeRegion : region,
    leftOut?: LeftOut,
  ) {
    try {
      return await session.send(client, command, {
        region: at,
        counters,
        leftOut: leftOut && ((problem) => leftOut(failedCall(client, command, problem))),
      })
    } catch (error) {
      throw failedCall(client, command, error)
    }
  }

  function pages<Input extends object, Command extends object>(
    client: ClientClass,
    Command: new (input: Input) => Command,
    input: Input,
    tokens = NEXT_TOKEN,
  ): AsyncGenerator<OutputOf<Command>> {
    const named = (error: unknown) => failedCall(client, new Command(input), error)
    return followPages(
      (token: unknown) => {
        const command = new Command(token ? { ...input, [tokens.request]: token } : input)
        return call(client, command, undefined, reading.getStore())
      },
      { token: tokens.response, named },
    )
  }

  const cell: Cell<Tables> = {
    accountId,
    region,
    partition,
    clock,
    call,
    pages,
    async put(table, row) {
      if ('arn' in row && !row.arn) {
        once(table, `${table}: an item was answered without its ARN`)
        return
      }
      if (!isFirst(table, row)) return
      const { fitting, misfit } = fittingRow(options.tables[table], row as StoredRow)
      if (misfit) once(table, `${table}.${misfit}`)
      await append(table, {
        account_id: accountId,
        region,
        observed_at: clock(),
        ...fitting,
      })
    },
    async read(tables, work, resource) {
      const missed = (error: unknown) => gaps.push(...gapsOf([tables].flat(), error, resource))
      // What is left out of a page is missing of the tables once, however much it is.
      const told = new Set<string>()
      const leftOut: LeftOut = (failed) => {
        if (!told.has(failed.operation)) missed(failed)
        told.add(failed.operation)
      }
      try {
        // Of one thing's answers none is read in part: what is missing of it would pass for what it has not.
        await reading.run(resource ? undefined : leftOut, work)
      } catch (error) {
        missed(error)
      }
    },
    async perItem(tables, items, work) {
      // What an earlier run read can only stand in where its rows can be told apart.
      for (const name of [tables].flat()) {
        const table = options.tables[name]
        if (table) itemColumn(name, table)
      }
      const due = inTurn(distinct(items))
      const affordable = due.slice(0, budgetLeft)
      budgetLeft -= affordable.length
      for (const item of due.slice(affordable.length)) gaps.push(...leftOut([tables].flat(), item))
      const limit = pLimit(ITEMS_AT_ONCE)
      await Promise.all(
        affordable.map((item) => limit(() => readItem([tables].flat(), item, work))),
      )
    },
  }

  /**
   * Those first that were never read or longest ago. Among equals the lot decides, anew in every run: an item that is always refused
   * stays unread, and must not keep its place before the others for ever.
   */
  function inTurn<T extends Item>(items: T[]): T[] {
    const started = clock().toISOString()
    const lot = (arn: string) => createHash('sha256').update(`${started} ${arn}`).digest('hex')
    return items
      .map((item) => ({ item, at: options.lastRead(item.arn)?.getTime() ?? 0, lot: lot(item.arn) }))
      .sort((a, b) => a.at - b.at || (a.lot < b.lot ? -1 : 1))
      .map(({ item }) => item)
  }

  async function readItem<T extends Item>(
    tables: (keyof Tables & string)[],
    item: T,
    work: (item: T) => Promise<void>,
  ): Promise<void> {
    const before = gaps.length
    await cell.read(tables, () => work(item), item)
    const missed = new Set(
      gaps.slice(before).flatMap((gap) => (gap.resource_arn === item.arn ? [gap.table_name] : [])),
    )
    for (const table_name of tables) {
      if (missed.has(table_name)) continue
      await append('item_reads', {
        account_id: accountId,
        region: item.region ?? region,
        observed_at: clock(),
        collector,
        table_name,
        resource_arn: item.arn,
      })
    }
  }

  function leftOut(tables: string[], item: Item): ObservedGap[] {
    return tables.map((table_name) => ({
      account_id: accountId,
      region: item.region ?? region,
      collector,
      table_name,
      resource_arn: item.arn,
      operation: 'none',
      cause: 'budget',
      detail: `the budget of ${options.perItemCalls} items a cell was spent on others`,
      transient: false,
      unknown_token: false,
    }))
  }

  /** What cannot be judged, or not be kept, is one gap of its table: the other rows, and the other columns, still count. */
  function once(table: string, problem: string): void {
    if (marred.has(table)) return
    marred.add(table)
    gaps.push(...gapsOf([table], new Error(problem), undefined))
  }

  function gapsOf(tables: string[], error: unknown, resource: Item | undefined): ObservedGap[] {
    const { cause, detail, transient } = classifyError(rootCause(error))
    const operation = error instanceof FailedCall ? error.operation : 'collect'
    return tables.map((table_name) => ({
      account_id: accountId,
      region: resource?.region ?? region,
      collector,
      table_name,
      resource_arn: resource?.arn ?? null,
      operation,
      cause,
      detail,
      transient: transient || (error instanceof FailedCall && error.passing),
      unknown_token: isUnknownToken(rootCause(error)),
    }))
  }

  return { cell, gaps, unkept: () => unkept }
}

/** A list that changes while it is read may name an item on two of its pages. */
function distinct<T extends Item>(items: T[]): T[] {
  return [...new Map(items.map((item) => [item.arn, item])).values()]
}
