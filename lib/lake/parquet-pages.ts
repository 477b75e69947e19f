/** The fields of a page's header as our writer has them, in Thrift's compact protocol: integers, a structure of more, a flag that is set, two ends. */
const INTEGER = 0x15
const HEADER = [
  ...[INTEGER, INTEGER, INTEGER],
  ...[0x5c, INTEGER, INTEGER, INTEGER, INTEGER, INTEGER, INTEGER, 0x11, 0x00],
  0x00,
]
const DATA_PAGE_V2 = 3
const PLAIN = 0

/**
 * Looks whether a column's pages are what our writer writes: pages of one after another to the column's end, of flat optional values, each with as many
 * levels as values. The reader believes whatever counts it finds, for minutes where they are wrong; the values themselves have a checksum of their own.
 * Source: Apache Parquet, "Data Pages" (version 2) and "Run Length Encoding / Bit-Packing Hybrid".
 * @throws Error where they are not
 */
export function checkPages(column: Uint8Array, rows: number): void {
  let at = 0
  let values = 0
  while (at < column.length) {
    const page = readPage(column, at)
    at = page.end
    values += page.values
  }
  if (at !== column.length || values !== rows) throw new Error('its pages do not hold its rows')
}

function readPage(column: Uint8Array, start: number): { values: number; end: number } {
  const cursor = { bytes: column, at: start }
  const integers: number[] = []
  for (const field of HEADER) {
    if (column[cursor.at++] !== field) throw strange()
    if (field === INTEGER) integers.push(readInteger(cursor))
  }
  const [type, , size = -1, values = -1, nulls, rows, encoding, levels = -1, repeated] = integers
  const end = cursor.at + size
  const plain = type === DATA_PAGE_V2 && encoding === PLAIN && rows === values && repeated === 0
  if (!plain || levels < 0 || levels > size || end > column.length) throw strange()
  const present = countPresent(column.subarray(cursor.at, cursor.at + levels), values)
  if (present + (nulls ?? 0) !== values) throw strange()
  return { values, end }
}

/** How many of so many levels, of one bit each, say that there is a value. */
function countPresent(levels: Uint8Array, values: number): number {
  const cursor = { bytes: levels, at: 0 }
  let [left, present] = [values, 0]
  while (cursor.at < levels.length && left > 0) {
    const run = readRun(cursor, left)
    left -= run.length
    present += run.present
  }
  if (cursor.at !== levels.length || left !== 0) throw strange()
  return present
}

/** The next run of levels, of which no more than so many are left: one level many times, or groups of eight, the last of them filled up. */
function readRun(cursor: Cursor, left: number): { length: number; present: number } {
  const header = readUnsigned(cursor)
  const count = header >>> 1
  if (header % 2 === 0) {
    const level = cursor.bytes[cursor.at++] ?? 2
    if (level > 1 || count > left) throw strange()
    return { length: count, present: level * count }
  }
  if (count > Math.ceil(left / 8)) throw strange()
  const length = Math.min(count * 8, left)
  const groups = cursor.bytes.subarray(cursor.at, cursor.at + count)
  cursor.at += count
  let present = 0
  for (let at = 0; at < length; at++) present += ((groups[at >>> 3] ?? 0) >>> (at & 7)) & 1
  return { length, present }
}

interface Cursor {
  bytes: Uint8Array
  at: number
}

/** An integer in zigzag order. */
function readInteger(cursor: Cursor): number {
  const value = readUnsigned(cursor)
  return (value >>> 1) ^ -(value & 1)
}

/** Seven bits a byte, the lowest first, in at most four bytes: our counts are far below. */
function readUnsigned(cursor: Cursor): number {
  let value = 0
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = cursor.bytes[cursor.at++]
    if (byte === undefined) break
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return value
  }
  throw strange()
}

function strange(): Error {
  return new Error('its pages are none of ours')
}
