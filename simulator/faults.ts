import { z } from 'zod'
import { matches } from './authorization.ts'
import { type FaultKind, faultKinds } from './fault-kinds.ts'

const faultSchema = z.strictObject({
  /** `backup:ListBackupVaults`, with `*` wildcards. */
  operation: z.string().optional(),
  /** The caller's account, or the account of the resource called (AssumeRole's target). */
  account: z.string().optional(),
  region: z.string().optional(),
  /** Which of the calls that match, counted from 1. */
  nth: z.union([z.int().positive(), z.array(z.int().positive())]).optional(),
  /** The first of the calls that match which may be struck, counted from 1. */
  from: z.int().positive().optional(),
  /** Share of the calls that match, by a seeded generator. */
  rate: z.number().min(0).max(1).optional(),
  /** How often it may strike at most. */
  times: z.int().positive().optional(),
  kind: z.enum(Object.keys(faultKinds) as [FaultKind, ...FaultKind[]]),
  /** Milliseconds by which a clock goes before the real one; 20 minutes when undefined. */
  skewMs: z.int().optional(),
  /** Milliseconds by which the struck call is answered later, error or not. */
  latencyMs: z.number().min(0).optional(),
})

/** A rule that makes calls fail. */
export type Fault = z.infer<typeof faultSchema>

/** Reads fault rules from parsed JSON; throws a ZodError that names what is wrong. */
export function parseFaults(json: unknown): Fault[] {
  return z.array(faultSchema).parse(json)
}

export interface Call {
  operation: string
  region: string
  accounts: (string | undefined)[]
  /** When the caller says that it signed the call. */
  date: Date
}

/** A request that is dated more than five minutes off is refused (IAM user guide, "Signature Version 4"). */
const TOLERATED_MS = 5 * 60 * 1000

/** What the clock of a fault shows now. */
export function clockOf({ skewMs = 20 * 60 * 1000 }: Fault): Date {
  return new Date(Date.now() + skewMs)
}

interface Rule {
  fault: Fault
  seen: number
  struck: number
  random: () => number
}

/** The rules in force. The first that strikes wins, but each counts its own matching calls. */
export class Faults {
  #rules: Rule[] = []
  #undo: (() => void)[] = []

  constructor(faults: Fault[] = []) {
    for (const fault of faults) this.add(fault)
  }

  add(fault: Fault): void {
    const random = seeded(this.#rules.length + 1)
    this.#rules.push({ fault: faultSchema.parse(fault), seen: 0, struck: 0, random })
  }

  /** How many calls the rules in force have struck so far. */
  get strikes(): number {
    return this.#rules.reduce((sum, { struck }) => sum + struck, 0)
  }

  /** How many calls each rule has struck so far, in the order in which they were added. */
  get struck(): { fault: Fault; calls: number }[] {
    return this.#rules.map(({ fault, struck }) => ({ fault, calls: struck }))
  }

  /** No rule is in force any more, and what they changed is as it was. */
  clear(): void {
    this.#rules = []
    for (const undo of this.#undo.splice(0).reverse()) undo()
  }

  /** Remembers how to take back what a fault changed in the organization. */
  undoWith(undo: () => void): void {
    this.#undo.push(undo)
  }

  /** The time where a call is answered; undefined: the real one. */
  clock(call: Call): Date | undefined {
    const skewed = this.#rules.find(
      ({ fault }) => fault.kind === 'clock_skew' && concerns(fault, call),
    )
    return skewed && clockOf(skewed.fault)
  }

  strike(call: Call): Fault | undefined {
    let struck: Rule | undefined
    for (const rule of this.#rules) {
      if (!concerns(rule.fault, call) || isInTime(rule.fault, call)) continue
      rule.seen += 1
      if (struck === undefined && due(rule)) struck = rule
    }
    if (struck === undefined) return undefined
    struck.struck += 1
    return struck.fault
  }
}

function concerns(fault: Fault, call: Call): boolean {
  if (fault.operation !== undefined && !matches(fault.operation, call.operation)) return false
  if (fault.region !== undefined && fault.region !== call.region) return false
  return fault.account === undefined || call.accounts.includes(fault.account)
}

/** Whether the clock of a fault takes the call for one of now. */
function isInTime(fault: Fault, { date }: Call): boolean {
  if (fault.kind !== 'clock_skew') return false
  return Math.abs(clockOf(fault).getTime() - date.getTime()) <= TOLERATED_MS
}

function due({ fault, seen, struck, random }: Rule): boolean {
  // Drawn first, so that which calls a rate hits does not depend on the other conditions.
  const drawn = fault.rate === undefined || random() < fault.rate
  if (struck >= (fault.times ?? Infinity)) return false
  if (seen < (fault.from ?? 1)) return false
  const { nth } = fault
  if (nth !== undefined && !(Array.isArray(nth) ? nth.includes(seen) : nth === seen)) return false
  return drawn
}

/** mulberry32: small, and the same on every run. */
function seeded(seed: number): () => number {
  let state = seed * 0x9e3779b9
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
