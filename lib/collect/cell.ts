import type { ClientClass, OutputOf } from '../aws/session.ts'
import type { Row, Table } from '../lake/table.ts'

/** One account in one Region, as a collector sees it. */
export interface Cell<Tables extends Record<string, Table>> {
  accountId: string
  region: string
  /** `aws`, `aws-us-gov` or `aws-cn`: the second field of every ARN. */
  partition: string
  /** The run's clock, for reads of a time window. */
  clock: () => Date
  /**
   * Sends one command, to the cell's Region unless another is named. It throws what the service answered.
   */
  call<Command extends object>(
    client: ClientClass,
    command: Command,
    region?: string,
  ): Promise<OutputOf<Command>>
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
  put<Name extends keyof Tables & string>(
    table: Name,
    row: Row<Tables[Name]> & { region?: string },
  ): Promise<void>
  /**
   * Runs one read. What it throws becomes a gap of the named tables (of one resource, where one is named), and the
   * collector goes on with its other reads.
   */
  read(
    tables: (keyof Tables & string) | (keyof Tables & string)[],
    work: () => Promise<void>,
    resource?: Item,
  ): Promise<void>
  /**
   * Reads items that no list tells enough about, by calls of their own, under the cell's budget: those first that were never
   * read or longest ago. Each item that is left out becomes a gap with cause `budget`; each that was read, a row of `item_reads`.
   */
  perItem<T extends Item>(
    tables: (keyof Tables & string) | (keyof Tables & string)[],
    items: T[],
    work: (item: T) => Promise<void>,
  ): Promise<void>
}

/** A resource, and the Region it is in where that is not the cell's. */
export interface Item {
  arn: string
  region?: string
}

export interface PageTokens {
  request: string
  response: string
}
