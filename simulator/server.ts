import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Sessions } from './credentials.ts'
import { commonError, ServiceError } from './errors.ts'
import { type Fault, Faults } from './faults.ts'
import { type Calls, countUnanswered, createPipeline, type Run } from './pipeline.ts'
import { type Reply, writeAnswer, writeError } from './protocols/answers.ts'
import { Quotas } from './quotas.ts'
import { type Service, services } from './services.ts'
import { readScope } from './signature.ts'
import type { OrganizationState } from './state.ts'

export interface SimulatorOptions {
  state: OrganizationState
  /** 0, the default, takes any free one. */
  port?: number
  /** Added to every answer. */
  latencyMs?: number
  faults?: Fault[]
  /** Decides which sessions expired. */
  clock?: () => Date
  /** Request quotas hold unless false. */
  quotas?: boolean
  /** Milliseconds by which the quotas refill; the real ones by default. */
  quotaClock?: () => number
  /** Changes what is answered with success, after it was written. */
  alter?: (reply: Reply, call: AnsweredCall) => Reply
}

/** A call that was answered with success. */
export interface AnsweredCall {
  /** As in `backup:ListBackupVaults`. */
  operation: string
  accountId: string
  region: string
}

export interface Simulator extends Calls {
  url: string
  port: number
  addFaults(...faults: Fault[]): void
  /** No fault strikes any more, and what faults changed is as it was. */
  clearFaults(): void
  /** How many calls the faults in force have struck so far. */
  strikes(): number
  /** The same, fault by fault. */
  struck(): { fault: Fault; calls: number }[]
  close(): Promise<void>
}

/** Starts an HTTP server on the loopback interface that answers like the AWS services. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { state, latencyMs = 0, clock = () => new Date() } = options
  const calls: Calls = {
    calls: new Map(),
    usedActions: new Set(),
    refused: [],
    unanswered: new Map(),
  }
  const faults = new Faults(options.faults)
  const quotas = options.quotas === false ? undefined : new Quotas(options.quotaClock)
  const sessions = new Sessions(state)
  const run = createPipeline({ state, clock, faults, quotas, sessions, calls })
  const alter = options.alter ?? ((reply) => reply)

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request)
    const { reply, fault, delayMs } = replyTo(request, body, { run, calls, alter })
    if (fault?.kind === 'hang') return
    await pause(latencyMs + delayMs)
    if (fault?.kind === 'reset') request.socket.resetAndDestroy()
    else if (fault?.kind === 'truncated_body') truncate(response, reply)
    else if (fault?.kind === 'slow_body') await dribble(response, reply, fault.latencyMs)
    else send(response, fault ? damaged(reply, fault) : reply)
  }

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    answer(request, response).catch(() => request.socket.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    ...calls,
    url: `http://127.0.0.1:${port}`,
    port,
    addFaults: (...added) => {
      for (const fault of added) faults.add(fault)
    },
    clearFaults: () => faults.clear(),
    strikes: () => faults.strikes,
    struck: () => faults.struck,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Speaks for services that are not simulated: their error must be readable too. */
const NO_SERVICE: Service = {
  name: '',
  family: 'restJson',
  namespace: '',
  global: true,
  routes: new Map(),
}

/** A reply, and what a fault does to it on its way. */
interface FaultyReply {
  reply: Reply
  fault: Fault | undefined
  delayMs: number
}

interface Replying {
  run: Run
  calls: Calls
  alter: NonNullable<SimulatorOptions['alter']>
}

function replyTo(
  request: IncomingMessage,
  body: Buffer,
  { run, calls, alter }: Replying,
): FaultyReply {
  const id = randomUUID()
  const scope = readScope(request)
  // Only STS knows unsigned calls.
  const service = services.get(scope?.service ?? 'sts') ?? NO_SERVICE
  try {
    if (service === NO_SERVICE) {
      const message = `The simulator does not implement ${scope?.service}`
      countUnanswered(calls.unanswered, message)
      throw commonError('restJson', 'unknownOperation', message)
    }
    const { route, output, fault, date, accountId, region } = run(service, scope, request, body)
    const operation = `${service.name}:${route.operation.name}`
    const written = writeAnswer(service, route, output, id)
    const reply = alter(written, { operation, accountId, region })
    if (date) reply.headers.date = date.toUTCString()
    // A slow body is late in its middle.
    const delayMs = fault?.kind === 'slow_body' ? 0 : (fault?.latencyMs ?? 0)
    return { reply, fault, delayMs }
  } catch (error) {
    const known =
      error instanceof ServiceError ? error : commonError(service.family, 'internal', String(error))
    const reply = writeError(service, known, id)
    if (known.date) reply.headers.date = known.date.toUTCString()
    return { reply, fault: undefined, delayMs: known.delayMs }
  }
}

async function pause(milliseconds = 0): Promise<void> {
  if (milliseconds > 0) await delay(milliseconds)
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

/** Promises the whole body, sends half of it, and hangs up. */
function truncate(response: ServerResponse, { status, headers, body }: Reply): void {
  const bytes = Buffer.from(body)
  response.writeHead(status, { ...headers, 'content-length': bytes.length })
  response.write(bytes.subarray(0, bytes.length >> 1), () => response.socket?.end())
}

/** Promises the whole body, sends half of it, and the rest later, or never. */
async function dribble(
  response: ServerResponse,
  { status, headers, body }: Reply,
  latencyMs: number | undefined,
): Promise<void> {
  const bytes = Buffer.from(body)
  response.writeHead(status, { ...headers, 'content-length': bytes.length })
  response.write(bytes.subarray(0, bytes.length >> 1))
  if (latencyMs === undefined) return
  await delay(latencyMs)
  response.end(bytes.subarray(bytes.length >> 1))
}

/** An answer that arrives whole, and is not what the service would say. */
function damaged(reply: Reply, { kind }: Fault): Reply {
  const { status, headers, body } = reply
  if (kind === 'empty_body') return { ...reply, body: '' }
  if (kind === 'malformed_body') return { ...reply, body: body.slice(0, body.length >> 1) }
  if (kind !== 'html_page') return reply
  const page = '<html><head><title>Sign in</title></head><body><p>Welcome</p></body></html>'
  return { status, headers: { ...headers, 'content-type': 'text/html' }, body: page }
}
