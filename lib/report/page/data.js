/** @import { FindingsPiece, PageData } from '../page-data.ts' */
import { byId } from './dom.js'

/**
 * The text of an embedded block. The block is taken out of the document: it is large, and needed once.
 * @param {string} id
 * @returns {Promise<string>}
 */
export async function inflate(id) {
  const block = byId(id)
  const packed = atob(block.textContent ?? '')
  block.remove()
  const bytes = new Uint8Array(packed.length)
  for (let index = 0; index < packed.length; index++) bytes[index] = packed.charCodeAt(index)
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
  return new Response(stream).text()
}

/** @returns {Promise<PageData>} */
export async function readData() {
  return JSON.parse(await inflate('data'))
}

/** @returns {Promise<FindingsPiece[]>} */
export async function readPieces() {
  const text = await inflate('finding-pieces')
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}
