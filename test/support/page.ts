import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import type { FindingsPiece, FindingWord, PageData } from '../../lib/report/page-data.ts'

/** What a page holds, read back out of its file. */
export interface ReadPage {
  html: string
  data: PageData
  findings: { account: string; control: string; resource: string; status: string; reason: string }[]
  hashes: string[]
}

export async function readPage(path: string): Promise<ReadPage> {
  const html = await readFile(path, 'utf8')
  const block = (id: string) => {
    const content = new RegExp(`<script type="application/gzip" id="${id}">([^<]*)</script>`).exec(
      html,
    )
    if (content?.[1] === undefined) throw new Error(`${path} has no block ${id}`)
    return gunzipSync(Buffer.from(content[1], 'base64')).toString('utf8')
  }
  const pieces = block('finding-pieces').split('\n').filter(Boolean)
  return {
    html,
    data: JSON.parse(block('data')),
    findings: rowsOf(pieces.map((line) => JSON.parse(line))),
    hashes: block('finding-hashes').match(/.{32}/g) ?? [],
  }
}

function rowsOf(pieces: FindingsPiece[]): ReadPage['findings'] {
  const words = new Map<FindingWord, string[]>()
  return pieces.flatMap((piece) => {
    for (const [word, texts] of Object.entries(piece.words) as [FindingWord, string[]][]) {
      words.set(word, [...(words.get(word) ?? []), ...texts])
    }
    const at = (word: FindingWord, row: number) => words.get(word)?.[piece[word][row] ?? -1] ?? ''
    return piece.resource.map((resource, row) => ({
      account: at('account', row),
      control: at('control', row),
      resource,
      status: piece.status[row] ?? '',
      reason: at('reason', row),
    }))
  })
}
