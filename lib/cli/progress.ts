import { Presets, SingleBar } from 'cli-progress'
import type { ProgressEvent } from '../audit.ts'
import type { Output } from './output.ts'

export interface Progress {
  on(event: ProgressEvent): void
  stop(): void
}

const STEPS = {
  discover: 'listing accounts and Regions',
  collect: 'collecting',
  derive: 'deriving',
  reconcile: 'reconciling',
  compact: 'compacting',
  score: 'judging',
  report: 'writing the report',
  publish: 'publishing to Security Hub',
} as const

/** A bar where a person watches, plain lines elsewhere, nothing where quiet is wanted. It goes to standard error. */
export function showProgress(output: Output): Progress {
  if (output.quiet) return { on: () => undefined, stop: () => undefined }
  return output.interactive ? progressBar(output) : progressLines(output)
}

/** Columns of what stands around the bar. */
const WORDS = 58

function progressBar({ note, width }: Output): Progress {
  const told = new Map<string, number>()
  const answered = new Set<string>()
  const bar = new SingleBar(
    {
      format: '{step} {bar} {percentage}%, {answered}/{accounts} accounts, {eta_formatted} left',
      barsize: Math.max(4, Math.min(40, width - WORDS)),
      hideCursor: true,
      clearOnComplete: true,
      stream: process.stderr,
    },
    Presets.shades_classic,
  )
  return {
    on(event) {
      if (event.type === 'discovered') {
        note(sizeOf(event))
        const { accounts, slices } = event
        bar.start(slices, 0, { step: STEPS.collect, accounts, answered: 0 })
      }
      if (event.type === 'slice') {
        told.set(event.account_id, (told.get(event.account_id) ?? 0) + 1)
        bar.increment()
      }
      if (event.type === 'unit') {
        // Slices that were never begun (a Region switched off, an account not entered) are told of with their unit only.
        answered.add(event.account_id)
        bar.increment(event.slices - (told.get(event.account_id) ?? 0), { answered: answered.size })
      }
      if (event.type === 'step' && event.name === 'reconcile') bar.update(bar.getTotal())
      if (event.type === 'step') bar.update({ step: STEPS[event.name] })
    },
    stop: () => bar.stop(),
  }
}

function progressLines({ note }: Output): Progress {
  return {
    on(event) {
      if (event.type === 'step') note(STEPS[event.name])
      if (event.type === 'discovered') note(sizeOf(event))
      if (event.type === 'unit') note(`${event.account_id}: ${event.slices} slices answered`)
    },
    stop: () => undefined,
  }
}

/** One line that names the run: it is what `--resume` asks for. */
function sizeOf(event: Extract<ProgressEvent, { type: 'discovered' }>): string {
  const { run_id, accounts, regions, slices } = event
  return `run ${run_id}: ${accounts} accounts, ${regions} Regions, ${slices} slices`
}
