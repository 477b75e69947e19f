import { readFile } from 'node:fs/promises'
import Table from 'cli-table3'
import { parse } from 'yaml'
import { loadControls } from '../engine/controls.ts'
import { type Estimate, estimate, type Workload } from '../estimate.ts'
import { pricedIn, pricedOn, prices, total } from '../prices.ts'
import { lakeTables, loadSources } from '../sources.ts'
import { UsageError } from '../usage-error.ts'
import type { ExitCode, Output } from './output.ts'

export interface EstimateFlags {
  accounts: number
  regions: number
  runsPerMonth: number
  rowsPerCell: number
  changedFindings: number
  workers: number
  monthsKept: number
  /** A YAML file whose prices replace the list prices. */
  prices?: string
  json: boolean
}

/** `strongroom estimate`: what a run takes, which quota binds, and what a month costs. */
export async function runEstimate(flags: EstimateFlags, output: Output): Promise<ExitCode> {
  const { json, prices: file, ...asked } = flags
  const sources = await loadSources()
  const work: Workload = {
    ...asked,
    collectors: sources.collectors.size,
    tables: Object.keys(lakeTables(sources)).length,
    controls: loadControls().length,
  }
  const result = estimate(work, await readPrices(file))
  output.print(json ? `${JSON.stringify(result, undefined, 2)}\n` : render(work, result))
  return 0
}

async function readPrices(file: string | undefined) {
  if (file === undefined) return prices.parse({})
  try {
    return prices.parse(parse(await readFile(file, 'utf8')) ?? {})
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new UsageError(`cannot use the prices of ${file}: ${why}`, { cause })
  }
}

function render(work: Workload, result: Estimate): string {
  const { minutes, bytes, requests, dollars } = result
  const table = new Table({ head: ['one run', ''], style: { head: [], border: [] } })
  table.push(
    ['accounts × Regions × collectors', `${work.accounts} × ${work.regions} × ${work.collectors}`],
    ['slices', whole(result.slices)],
    ['calls of AWS', whole(result.calls)],
    ['Lambda seconds', whole(result.lambdaSeconds)],
    ['state transitions', whole(result.transitions)],
    ['S3 puts, gets', `${whole(requests.put)}, ${whole(requests.get)}`],
    ['stored', gigabytes(bytes.stored)],
    ['scanned by Athena', gigabytes(bytes.scanned)],
    ['findings sent', whole(result.findings)],
    [
      'minutes',
      `${minutes.all.toFixed(0)} (collecting ${minutes.collect.toFixed(0)}, judging ${minutes.judge.toFixed(0)}, publishing ${minutes.publish.toFixed(0)})`,
    ],
    ['the limit that binds', result.binds],
  )
  const costs = new Table({
    head: ['dollars', 'one run', `${work.runsPerMonth} runs a month`],
    style: { head: [], border: [] },
  })
  for (const [service, amount] of Object.entries(dollars)) {
    costs.push([service, (result.runDollars[service] ?? 0).toFixed(4), amount.toFixed(2)])
  }
  costs.push(['together', total(result.runDollars).toFixed(4), total(dollars).toFixed(2)])
  costs.push(['for 1,000 accounts × Regions', result.thousandCells.toFixed(4), ''])
  return `${table}\n${costs}\nList prices of ${pricedIn} of ${pricedOn}, without free tiers; --prices FILE replaces any.\n`
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

function gigabytes(value: number): string {
  return `${(value / 1e9).toFixed(2)} GB`
}
