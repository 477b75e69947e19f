import type { Engine } from '../engine/engine.ts'
import { toAsff } from '../securityhub/asff.ts'
import { openHubQueries, type Sources } from '../securityhub/queries.ts'
import { textsOf } from '../securityhub/texts.ts'

/** What of a publication is known before there is one. */
export type AsffOptions = Pick<
  Sources,
  'tables' | 'runId' | 'controls' | 'auditAccount' | 'homeRegion' | 'mode' | 'asOf'
> & { partition: string }

/** Every failed finding as Security Hub would be sent it: a JSON array, one document a line, in pieces. */
export async function* findingsAsff(engine: Engine, options: AsffOptions): AsyncGenerator<string> {
  const nothing = { before: undefined, unended: [], generation: 1, attempt: 1, now: options.asOf }
  const queries = await openHubQueries(engine, { ...options, ...nothing })
  const texts = new Map(textsOf(options.controls).map((each) => [each.id, each]))
  let separator = '[\n'
  for await (const rows of engine.stream(await queries.failures())) {
    for (const row of rows) {
      yield separator + JSON.stringify(toAsff(row, { ...options, texts }))
      separator = ',\n'
    }
  }
  yield separator === '[\n' ? '[]\n' : '\n]\n'
}
