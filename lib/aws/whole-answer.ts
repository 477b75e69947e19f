import type { HttpResponse } from '@smithy/types'

/** What came with success, and is no answer of AWS. The SDK's retries take it for passing. */
export class NotAnAnswer extends Error {
  readonly $retryable = {}
}

/**
 * Refuses an answer that says nothing. The SDK takes success without a body, or with somebody else's page (a proxy's, a portal's), for
 * an output without members: a list that nobody answered would be an empty one.
 * @param response as it came, its body not yet read
 * @returns the same response, its body read to the end
 * @throws NotAnAnswer where the body is empty, a page for people, or JSON that is no object
 */
export async function wholeAnswer(response: HttpResponse): Promise<HttpResponse> {
  const { statusCode } = response
  if (statusCode < 200 || statusCode >= 300) return response
  const body = await readBody(response.body)
  const text = body.subarray(0, HEAD).toString('latin1').trimStart().toLowerCase()
  const problem = problemOf(text)
  if (problem) throw new NotAnAnswer(`${problem} was answered with status ${statusCode}`)
  response.body = body
  return response
}

/** So many bytes tell what a document is. */
const HEAD = 256

/** The content type tells nothing: emulators of AWS call their JSON a page. */
function problemOf(text: string): string | undefined {
  if (text === '') return 'nothing at all'
  if (/<(!doctype html|html|head|body)[\s>]/.test(text)) return 'an HTML page'
  return text.startsWith('[') || text === 'null' ? 'JSON that is no object' : undefined
}

async function readBody(body: unknown): Promise<Buffer> {
  if (body === undefined || body === null) return Buffer.alloc(0)
  if (typeof body === 'string' || body instanceof Uint8Array) return Buffer.from(body)
  const chunks: Buffer[] = []
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
