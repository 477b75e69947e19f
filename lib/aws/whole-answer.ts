import type { NormalizedSchema } from '@smithy/core/schema'
import type { HttpResponse } from '@smithy/types'
import { doubtfulScalar } from './xml-scalars.ts'

/** What came with success, and is no answer of AWS. The SDK's retries take it for passing. */
export class NotAnAnswer extends Error {
  readonly $retryable = {}
}

/**
 * Refuses an answer that says nothing. The SDK takes success without a body, or with somebody else's page (a proxy's, a portal's), for
 * an output without members: a list that nobody answered would be an empty one.
 * @param response as it came, its body not yet read
 * @param schema the model of the answer, where there is one
 * @returns the same response, its body read to the end
 * @throws NotAnAnswer where the body is empty, a page for people, JSON that is no object, or XML with a boolean or a number that is none
 */
export async function wholeAnswer(
  response: HttpResponse,
  schema?: NormalizedSchema,
): Promise<HttpResponse> {
  const { statusCode } = response
  if (statusCode < 200 || statusCode >= 300) return response
  const body = await readBody(response.body)
  const text = body.subarray(0, HEAD).toString('latin1').trimStart().toLowerCase()
  const problem = problemOf(text)
  if (problem) throw new NotAnAnswer(`${problem} was answered with status ${statusCode}`)
  const doubt = schema && text.startsWith('<') && doubtfulScalar(schema, body.toString('latin1'))
  if (doubt) throw new NotAnAnswer(`${doubt} says nothing that it could mean`)
  response.body = body
  return response
}

/** So many bytes tell what a document is. */
const HEAD = 1024

/** The content type tells nothing: emulators of AWS call their JSON a page. */
function problemOf(text: string): string | undefined {
  if (text === '') return 'nothing at all'
  if (/<(!doctype html|html|head|body)[\s>]/.test(text)) return 'an HTML page'
  // Where there is a result, it comes before what is said of the answer.
  if (/<responsemetadata[\s>]/.test(text) && !/<\w+result[\s/>]/.test(text)) {
    return 'an answer without a result'
  }
  return text.startsWith('[') || text === 'null' ? 'JSON that is no object' : undefined
}

async function readBody(body: unknown): Promise<Buffer> {
  if (body === undefined || body === null) return Buffer.alloc(0)
  if (typeof body === 'string' || body instanceof Uint8Array) return Buffer.from(body)
  const chunks: Buffer[] = []
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
