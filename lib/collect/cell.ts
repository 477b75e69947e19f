import { classifyError } from '../aws/causes.ts'
import { type Counters, operationName } from '../aws/meter.ts'
import type { ClientClass, OutputOf, Session } from '../aws/session.ts'
import type { Row, StoredRow, Table } from '../lake/table.ts'
import type { Gap } from './answer.ts'

/** One account in one Region, as a collector sees it. */
export interface Cell<Tables extends Record<string, Table>> {
  accountId: string
  region: string
  /** `aws`, `aws-us-gov` or `aws-cn`: the second field of every ARN. */
  partition: string
  /** Sends one command. It throws what the service answered. */
  call<Command extends object>(client: ClientClass, command: Command): Promise<OutputOf<Command>>
  /**
   * Sends a list command and follows its token to the end; an empty page with a token is not the end.
   * @throws Error where a service hands out the same token twice in a row, which would never end
   */
  pages<Input extends object, Command extends object>(
    client: ClientClass,
    Command: new (input: Input) => Command,
    input: Input,
    tokens?: PageTokens,
  ): AsyncGenerator<OutputOf<Command>>
  /**
   * Hands over one row; awaiting it keeps the reader from running ahead of the disk. A row whose `arn` the service left
   * out becomes a gap of its table instead.
   */
  put<Name extends keyof Tables & string>(table: Name, row: Row<Tables[Name]>): Promise<void>
  /**
   * Runs one read. What it throws becomes a gap of the named tables (of one resource, where one is named), and the
   * collector goes on with its other reads.
   */
  read(
    tables: (keyof Tables & string) | (keyof Tables & string)[],
    work: () => Promise<void>,
    resource?: { arn: string },
  ): Promise<void>
}

export interface PageTokens {
  request: string
  response: string
}

const NEXT_TOKEN: PageTokens = { request: 'NextToken', response: 'NextToken' }

export interface CellOptions {
  session: Session
  region: string
  partition: string
  collector: string
  counters: Counters
  clock: () => Date
  append(table: string, row: StoredRow): Promise<void>
}

/** A gap before it is known which cell it is in, and whether another attempt may fill it. */
export interface ObservedGap extends Gap {
  transient: boolean
}

export interface OpenedCell<Tables extends Record<string, Table>> {
  cell: Cell<Tables>
  gaps: ObservedGap[]
}

/** Opens a cell for one collector. The gaps fill up while the collector reads. */
export function openCell<Tables extends Record<string, Table>>(
  options: CellOptions,
): OpenedCell<Tables> {
  const { session, region, partition, collector, counters, clock, append } = options
  const accountId = session.accountId
  const gaps: ObservedGap[] = []
  const namelessIn = new Set<string>()

  async function call<Command extends object>(client: ClientClass, command: Command) {
    try {
      return await session.send(client, command, { region, counters })
    } catch (error) {
      throw failedCall(client, command, error)
    }
  }

  async function* pages<Input extends object, Command extends object>(
    client: ClientClass,
    Command: new (input: Input) => Command,
    input: Input,
    tokens = NEXT_TOKEN,
  ): AsyncGenerator<OutputOf<Command>> {
    let token: unknown
    do {
      const command = new Command(token ? { ...input, [tokens.request]: token } : input)
      const page = await call(client, command)
      yield page
      const next: unknown = Reflect.get(page as object, tokens.response)
      if (next && next === token) {
        throw new Error(`${operationName(command)} answered the same page token twice`)
      }
      token = next
    } while (token)
  }

  const cell: Cell<Tables> = {
    accountId,
    region,
    partition,
    call,
    pages,
    async put(table, row) {
      if ('arn' in row && !row.arn) {
        nameless(table)
        return
      }
      await append(table, {
        account_id: accountId,
        region,
        observed_at: clock(),
        ...row,
      } as StoredRow)
    },
    async read(tables, work, resource) {
      try {
        await work()
      } catch (error) {
        gaps.push(...gapsOf([tables].flat(), error, resource?.arn))
      }
    },
  }

  /** What has no name cannot be judged: one gap of its table says so, and the rows that have one still count. */
  function nameless(table: string): void {
    if (namelessIn.has(table)) return
    namelessIn.add(table)
    const error = new Error(`${table}: an item was answered without its ARN`)
    gaps.push(...gapsOf([table], error, undefined))
  }

  function gapsOf(tables: string[], error: unknown, arn: string | undefined): ObservedGap[] {
    const { cause, detail, transient } = classifyError(rootCause(error))
    const operation = error instanceof FailedCall ? error.operation : 'collect'
    return tables.map((table_name) => ({
      account_id: accountId,
      region,
      collector,
      table_name,
      resource_arn: arn ?? null,
      operation,
      cause,
      detail,
      transient,
    }))
  }

  return { cell, gaps }
}

/** What a service answered, with the operation that was asked. Its `name` stays the service's, so it can be told by name. */
class FailedCall extends Error {
  operation: string

  constructor(operation: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    if (cause instanceof Error) this.name = cause.name
    this.operation = operation
  }
}

function failedCall(client: ClientClass, command: object, error: unknown): FailedCall {
  const service = client.name.replace(/Client$/, '').toLowerCase()
  return new FailedCall(`${service}:${operationName(command)}`, error)
}

function rootCause(error: unknown): unknown {
  return error instanceof FailedCall ? error.cause : error
}

/**
 * Answers undefined where the service says *by name* that there is none; every other error is thrown.
 * @param names error names that mean absence for this very call
 */
export async function absentIf<T>(names: string[], call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call()
  } catch (error) {
    if (error instanceof Error && names.includes(error.name)) return undefined
    throw error
  }
}
