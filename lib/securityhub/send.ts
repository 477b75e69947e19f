import { SecurityHubClient } from '@aws-sdk/client-securityhub'
import { classifyError } from '../aws/causes.ts'
import type { Session } from '../aws/session.ts'
import type { StoredRow } from '../lake/table.ts'
import { enterAccount, type HubAccess } from './access.ts'
import { type FindingContext, type FindingRow, toAsff } from './asff.ts'
import { type CallBody, importOf } from './call-body.ts'
import { callFiller, importFindings, type Outcome, sizeOf } from './import.ts'

export interface SendOptions {
  access: HubAccess
  context: FindingContext
  /** Calls that may be under way at once. */
  concurrency: number
  wait(milliseconds: number): Promise<void>
  /** Nothing is sent after it. */
  until: Date
  signal: AbortSignal | undefined
  /** Takes what became of a finding: a row of `publications`. */
  record(row: StoredRow): Promise<void>
}

/** One account being sent to. */
interface Recipient {
  session: Promise<Session>
  /** Calls under way. */
  pending: number
  /** Whether more may come. */
  open: boolean
}

interface Call {
  account: string
  region: string
  /** What the receipts will say of the findings, by their ids: not the whole rows, whose texts the body holds already. */
  slips: Map<string, StoredRow>
  body: CallBody
}

/** Sends the rows of a plan, which come in the order of account and Region; holds no more of them than are under way. */
export async function sendPlan(
  pieces: AsyncIterable<FindingRow[]>,
  options: SendOptions,
): Promise<void> {
  const { access, context, concurrency, until, signal, record } = options
  const underWay = new Set<Promise<void>>()
  const recipients = new Map<string, Recipient>()
  const filler = callFiller()
  let slips = new Map<string, StoredRow>()
  let hub = { account: '', region: '' }

  const tell = (slip: StoredRow, outcome: string, rest: Partial<Outcome> = {}) =>
    record(receiptOf(slip, outcome, rest, access.aws.clock()))

  async function flush(): Promise<void> {
    if (slips.size === 0) return
    signal?.throwIfAborted()
    while (underWay.size >= concurrency) await Promise.race(underWay)
    const call: Call = { ...hub, slips, body: filler.take() }
    slips = new Map()
    const recipient = recipientOf(call.account)
    recipient.pending++
    const task = deliver(call, recipient).finally(() => {
      underWay.delete(task)
      recipient.pending--
      closeIfDone(recipient)
    })
    underWay.add(task)
  }

  function recipientOf(account: string): Recipient {
    const known = recipients.get(account)
    if (known) return known
    const session = enterAccount(access, account, 'publisher')
    // Each call to the account awaits the session and records why it could not be opened; but where time is up none does, and
    // where one still waits for others Node would take the rejection for unhandled.
    session.catch(() => undefined)
    const recipient = { session, pending: 0, open: true }
    recipients.set(account, recipient)
    return recipient
  }

  async function deliver(call: Call, recipient: Recipient): Promise<void> {
    if (access.aws.clock() >= until) return tellAll(call, 'not_sent')
    let session: Session
    try {
      session = await recipient.session
    } catch (error) {
      const { cause, detail } = classifyError(error)
      return tellAll(call, 'unreachable', { code: cause, message: detail })
    }
    const at = { region: call.region, counters: access.counters }
    const { body, slips } = call
    const outcomes = await importFindings(body.parts, {
      send: (parts) => session.send(SecurityHubClient, importOf(body.of(parts)), at),
      wait: options.wait,
    })
    // Where anything else was answered, or nothing, a connection may still be reading it.
    if ([...outcomes.values()].every(({ outcome }) => outcome === 'accepted')) filler.giveBack(body)
    for (const [id, slip] of slips) {
      const became = outcomes.get(id)
      await tell(slip, became?.outcome ?? 'unsure', became)
    }
  }

  async function tellAll(call: Call, outcome: string, rest: Partial<Outcome> = {}): Promise<void> {
    for (const slip of call.slips.values()) await tell(slip, outcome, rest)
  }

  try {
    for await (const piece of pieces) {
      for (const row of piece) await take(row)
    }
    await flush()
    await Promise.all(underWay)
  } finally {
    await Promise.allSettled(underWay)
    for (const recipient of recipients.values()) {
      recipient.open = false
      closeIfDone(recipient)
    }
  }

  async function take(row: FindingRow): Promise<void> {
    const [account, region] = [String(row.target_account), String(row.target_region)]
    if (account !== hub.account || region !== hub.region) {
      await flush()
      if (account !== hub.account) leave(hub.account)
      hub = { account, region }
    }
    if (row.hub_status === 'off')
      return tell(slipOf(row), 'hub_off', { code: 'InvalidAccessException' })
    if (row.hub_status === 'unreachable') return tell(slipOf(row), 'unreachable')
    const id = String(row.finding_id)
    const json = JSON.stringify(toAsff(row, context))
    const size = sizeOf(json)
    if (!filler.fits(size)) {
      const message = `the finding has ${size} bytes`
      return tell(slipOf(row), 'refused', { code: 'FindingTooLarge', message, tries: 0 })
    }
    if (filler.isFull(size)) await flush()
    slips.set(id, slipOf(row))
    filler.add(id, json, size)
  }

  function leave(account: string): void {
    const recipient = recipients.get(account)
    if (!recipient) return
    recipient.open = false
    closeIfDone(recipient)
    recipients.delete(account)
  }
}

function closeIfDone({ open, pending, session }: Recipient): void {
  if (open || pending > 0) return
  void session.then(
    (opened) => opened.close(),
    // What was not opened needs no closing; `deliver` has recorded why it was not.
    () => undefined,
  )
}

const SLIP = [
  'account_id',
  'region',
  'generation',
  'attempt',
  'finding_id',
  'control_id',
  'target_account',
  'target_region',
  'action',
]

/** What of a planned row its receipt repeats. */
function slipOf(row: FindingRow): StoredRow {
  // Texts and small numbers, as the columns are declared.
  return Object.fromEntries(SLIP.map((name) => [name, row[name]])) as StoredRow
}

function receiptOf(
  slip: StoredRow,
  outcome: string,
  { code = null, message = null, tries = 0 }: Partial<Outcome>,
  now: Date,
): StoredRow {
  return {
    ...slip,
    observed_at: now,
    outcome,
    error_code: code,
    error_message: message,
    tries,
  }
}
