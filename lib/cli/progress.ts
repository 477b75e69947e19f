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

/** A bar where a person watches, plain lines elsewhere. Both go to standard error. */
export function showProgress(output: Output): Progress {
  return output.interactive ? progressBar() : progressLines(output)
}

function progressBar(): Progress {
  const told = new Map<string, number>()
  const bar = new SingleBar(
    {
      format: '{step} {bar} {percentage}% {value}/{total} slices, about {eta_formatted} left',
      hideCursor: true,
      clearOnComplete: true,
      stream: process.stderr,
    },
    Presets.shades_classic,
  )
  return {
    on(event) {
      if (event.type === 'discovered') bar.start(event.slices, 0, { step: STEPS.collect })
      if (event.type === 'slice') {
        told.set(event.account_id, (told.get(event.account_id) ?? 0) + 1)
        bar.increment()
      }
      // Slices that were never begun (a Region switched off, an account not entered) are told of with their unit only.
      if (event.type === 'unit') bar.increment(event.slices - (told.get(event.account_id) ?? 0))
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
      if (event.type === 'discovered') {
        const { run_id, accounts, regions, slices } = event
        note(`run ${run_id}: ${accounts} accounts, ${regions} Regions, ${slices} slices`)
      }
      if (event.type === 'unit') note(`${event.account_id}: ${event.slices} slices answered`)
    },
    stop: () => undefined,
  }
}
