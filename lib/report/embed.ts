import { Readable } from 'node:stream'
import { createGzip, gzipSync } from 'node:zlib'

/** Text as it stands in the page: gzipped, in base64. Nothing in it can end the element that it stands in. */
export function embedded(text: string): string {
  return gzipSync(text).toString('base64')
}

/** The same of a text that comes in pieces. */
export async function* embeddedStream(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  const zipped = Readable.from(pieces, { objectMode: true }).compose(createGzip())
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of zipped) {
    const bytes = Buffer.concat([rest, chunk as Buffer])
    // Three bytes make four letters: only whole threes can be written before the end.
    const whole = bytes.length - (bytes.length % 3)
    yield bytes.toString('base64', 0, whole)
    rest = bytes.subarray(whole)
  }
  yield rest.toString('base64')
}
