import { Agent, request } from 'node:http'
import type { HttpRequest } from '@smithy/types'

/** A request as an SDK's client signed it, to be sent as often as wanted: a signature holds for its session, and signing costs more than sending. */
export interface SignedRequest {
  method: string
  port: number
  path: string
  headers: Record<string, string>
  body: string | Uint8Array | undefined
}

/** Codes by which services throttle. */
export const THROTTLE = /Throttling|RequestLimitExceeded|SlowDown|TooManyRequests/

interface Client {
  send(command: never): Promise<unknown>
}

class Captured extends Error {
  readonly request: HttpRequest
  constructor(request: HttpRequest) {
    super('captured')
    this.request = request
  }
}

/** What a client is configured with so that it signs its request and sends nothing. */
export const capturing = {
  maxAttempts: 1,
  forcePathStyle: true,
  requestHandler: {
    handle: (made: HttpRequest): Promise<never> => Promise.reject(new Captured(made)),
  },
}

/** Signs one request with a client that was made with {@link capturing}. */
export async function signed(client: Client, command: object): Promise<SignedRequest> {
  try {
    await client.send(command as never)
  } catch (error) {
    if (!(error instanceof Captured)) throw error
    const { method, port = 80, path, query = {}, headers, body } = error.request
    const asked = Object.entries(query).flatMap(([name, value]) =>
      [value ?? ''].flat().map((one) => `${encodeURIComponent(name)}=${encodeURIComponent(one)}`),
    )
    const suffix = asked.length > 0 ? `?${asked.join('&')}` : ''
    return { method, port, path: path + suffix, headers, body }
  }
  throw new Error(`${command.constructor.name} was sent`)
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

/** Sends it once. Answers the body of what was refused, and an empty text otherwise. */
export function send({ body, ...options }: SignedRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ ...options, host: '127.0.0.1', agent }, (response) => {
      const refused = (response.statusCode ?? 0) >= 400
      let text = ''
      response.on('data', (chunk: Buffer) => {
        if (refused) text += chunk
      })
      response.on('end', () => resolve(text))
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
