import type { HttpResponse } from '@smithy/types'
import { outputSchema } from './answer-shape.ts'
import type { Budget } from './budgets.ts'
import { isIllegible, isThrottle } from './causes.ts'
import { wholeAnswer } from './whole-answer.ts'

/** What was asked of AWS, counted at the wire: every attempt is a call. */
export interface Counters {
  calls: number
  retries: number
  throttles: number
}

/** The part of an SDK client that a session needs. */
export interface SdkClient {
  send(command: never): unknown
  config: { serviceId: string }
}

interface MiddlewareStack {
  add(middleware: Middleware, options: object): void
  addRelativeTo(middleware: Middleware, options: object): void
}

type Next = (args: object) => Promise<object>
type Middleware = (next: Next, context: { commandName?: string }) => Next

interface Meter {
  budget: Budget
  region: string
  counters: Counters
}

/** Commands that already carry the meter: a command that is sent again keeps it. */
const metered = new WeakSet<object>()

/** Each attempt, the SDK's retries included, takes a token from the budget, is counted, and must be answered with something. */
export function meterAttempts(
  command: object,
  client: SdkClient,
  { budget, region, counters }: Meter,
) {
  if (metered.has(command)) return
  metered.add(command)
  const stack = Reflect.get(command, 'middlewareStack') as MiddlewareStack | undefined
  if (!stack) throw new TypeError(`${command.constructor.name} has no middleware stack`)
  const operation = operationName(command)
  let attempts = 0
  const meter: Middleware = (next) => async (args) => {
    await budget(client.config.serviceId, operation, region)
    counters.calls++
    if (attempts++ > 0) counters.retries++
    try {
      return await next(args)
    } catch (error) {
      if (isThrottle(error)) counters.throttles++
      // What was damaged on its way may come whole the next time; the SDK takes it for final.
      if (isIllegible(error)) Object.assign(error as object, { $retryable: {} })
      throw error
    }
  }
  stack.addRelativeTo(meter, {
    name: 'strongroomMeter',
    relation: 'after',
    toMiddleware: 'retryMiddleware',
  })
  const schema = outputSchema(command)
  const checked: Middleware = (next) => async (args) => {
    const result = (await next(args)) as { response: HttpResponse }
    return { ...result, response: await wholeAnswer(result.response, schema) }
  }
  stack.add(checked, { name: 'strongroomWholeAnswer', step: 'deserialize', priority: 'low' })
}

/** `ListBackupVaults` of a `ListBackupVaultsCommand`. */
export function operationName(command: object): string {
  return command.constructor.name.replace(/Command$/, '')
}
