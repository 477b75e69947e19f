import type { CellState } from '../state.ts'
import type { ExpectedFinding } from '../truth.ts'
import type { PlantedPrincipal } from './principals.ts'
import type { Random } from './random.ts'

/** How a control judges. */
export type Status = ExpectedFinding['status']

/** The services whose tables controls read. */
export type Service = string

/** The cell (account and Region) that resources are planted in. */
export interface Cell {
  accountId: string
  region: string
  state: CellState
  random: Random
  now: Date
  /** Which services an audit can read here: only what it can read is expected to be found. */
  reads: (service: Service) => boolean
  /** Whether the account can be entered: its buckets are then listed, even those of a Region that is fenced off. */
  listsBuckets: boolean
  /** The organization that the account is in. */
  organization: { id: string; accountIds: readonly string[] }
  ledger: Ledger
  /** Regions that the organization's backup policies deploy plans to in the account. */
  policyRegions: readonly string[]
  /** AWS managed keys of the cell, by alias. */
  managedKeys: Map<string, Key>
  /** The account's users and roles, with what each can do. */
  principals: readonly PlantedPrincipal[]
}

/** A KMS key that backups may hang on, planted or only named. */
export interface Key {
  arn: string
  /** How controls judge a backup's or vault's use of it, and whether it can be used. */
  approved: Status
  usable: Status
  /** Set where its rotation is judged. */
  rotation?: { status: Status; cell: Cell }
  /** Set where whom its policy lets in is judged. */
  policy?: { status: Status; cell: Cell }
}

/** The expected findings, in the order in which they were planted. */
export class Ledger {
  readonly truth: ExpectedFinding[] = []
  /** Accounts with a plan that an audit can read and that copies out of the organization, where nothing can be read. */
  readonly copyingAbroad = new Set<string>()
  /** Keys that whoever is in their account may decrypt with. */
  readonly openKeys = new Set<string>()
  readonly #hung = new Set<string>()
  readonly #index = new Map<string, ExpectedFinding[]>()

  /** What was expected of a control in an account, or in one Region of it. */
  of(control: string, accountId: string, region = '*'): readonly ExpectedFinding[] {
    return this.#index.get(`${control}/${accountId}/${region}`) ?? []
  }

  #add(finding: ExpectedFinding): void {
    this.truth.push(finding)
    for (const region of ['*', finding.region]) {
      const key = `${finding.control_id}/${finding.account_id}/${region}`
      const found = this.#index.get(key)
      if (found) found.push(finding)
      else this.#index.set(key, [finding])
    }
  }

  /** Expects a finding on a resource of the cell, if an audit can read that service there. */
  expect(
    cell: Cell,
    service: Service,
    control: string,
    status: Status,
    [arn, type]: readonly [arn: string, type: string],
  ): void {
    if (!cell.reads(service)) return
    this.#add({
      control_id: control,
      status,
      account_id: cell.accountId,
      region: cell.region,
      resource_arn: arn,
      resource_type: type,
    })
  }

  /** Notes that a backup in the cell hangs on the key: both are judged once. */
  hang(cell: Cell, service: Service, key: Key): void {
    if (!cell.reads(service)) return
    const resource = [key.arn, 'AwsKmsKey'] as const
    if (this.#first(`${cell.accountId}/${cell.region}/${key.arn}`))
      this.expect(cell, service, 'backup-keys-are-usable', key.usable, resource)
    if (!this.#first(key.arn)) return
    for (const [control, judged] of [
      ['backup-keys-rotate', key.rotation],
      ['backup-key-policies-keep-outsiders-out', key.policy],
    ] as const)
      if (judged) this.expect(judged.cell, 'kms', control, judged.status, resource)
  }

  /** Expects that the control cannot say anything of the scope. */
  scopeUnknown(control: string, accountId: string, region: string): void {
    this.#add({
      control_id: control,
      status: 'unknown',
      account_id: accountId,
      region,
      resource_arn: `AWS::::Account:${accountId}`,
      resource_type: 'AwsAccount',
    })
  }

  #first(mark: string): boolean {
    const known = this.#hung.has(mark)
    this.#hung.add(mark)
    return !known
  }
}

/** The ARN of a resource of the cell. */
export function arnOf(cell: Cell, service: string, resource: string): string {
  return `arn:aws:${service}:${cell.region}:${cell.accountId}:${resource}`
}

/** The cell's moment plus that many days (negative: in the past). */
export function days(cell: Cell, count: number): Date {
  return new Date(cell.now.getTime() + count * 86_400_000)
}

/** A moment in the past year, to the second. */
export function past(cell: Cell): Date {
  const seconds = Math.floor(cell.now.getTime() / 1000) - cell.random.int(7200, 31_000_000)
  return new Date(seconds * 1000)
}

/** `pass` or `fail`. */
export function verdict(passes: boolean): Status {
  return passes ? 'pass' : 'fail'
}

/** The account itself as the resource that is judged. */
export function accountResource(cell: Cell): readonly [string, string] {
  return [`AWS::::Account:${cell.accountId}`, 'AwsAccount']
}
