/** @import { Model } from './model.js' */
/** @import { Findings } from './findings.js' */
import { inflate } from './data.js'
import { findingAt } from './findings.js'

const COLUMNS = [
  'control_id',
  'status',
  'severity',
  'account_id',
  'region',
  'resource_arn',
  'resource_type',
  'related_arn',
  'reason',
  'finding_id',
]

/** @type {Promise<string> | undefined} */
let hashes

/**
 * Hands the rows on view to the reader as a file, with the columns of findings.csv.
 * @param {Model} model
 * @param {Findings} findings
 * @param {{ rows: Uint32Array, format: 'csv' | 'json' }} asked
 */
export async function download(model, findings, { rows, format }) {
  hashes ??= inflate('finding-hashes')
  const all = await hashes
  const records = Array.from(rows, (row) => recordOf(model, findings, row, all))
  const text = format === 'csv' ? toCsv(records) : `${JSON.stringify(records, undefined, 2)}\n`
  const type = format === 'csv' ? 'text/csv' : 'application/json'
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }))
  link.download = `findings-${model.data.run.run_id}.${format}`
  link.click()
  URL.revokeObjectURL(link.href)
}

/**
 * @param {Model} model
 * @param {Findings} findings
 * @param {number} row
 * @param {string} all
 * @returns {Record<string, string>}
 */
function recordOf(model, findings, row, all) {
  const found = findingAt(findings, row)
  const hash = all.slice(row * 32, row * 32 + 32)
  return {
    control_id: found.control,
    status: found.status,
    severity: model.controls.get(found.control)?.severity ?? '',
    account_id: found.account,
    region: found.region,
    resource_arn: found.resource,
    resource_type: found.type,
    related_arn: found.related,
    reason: found.reason,
    finding_id: `strongroom/${found.control}/${found.account}/${found.region}/${hash}`,
  }
}

/**
 * CSV (RFC 4180) in which nothing is a formula: an apostrophe makes text of what a spreadsheet would calculate.
 * @param {Record<string, string>[]} records
 */
export function toCsv(records) {
  const lines = records.map((record) => COLUMNS.map((name) => quoted(record[name] ?? '')).join(','))
  return `${[COLUMNS.join(','), ...lines].join('\n')}\n`
}

/** @param {string} text */
function quoted(text) {
  const inert = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\n\r]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}
