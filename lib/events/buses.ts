import { parseArn } from '../collectors/normalize.ts'

/** The name of the event bus that a target is, where it is one of that account and Region; undefined: it is none, or another's. */
export function busOfCell(
  { accountId, region }: { accountId: string; region: string },
  target: string,
): string | undefined {
  const arn = parseArn(target)
  if (arn?.service !== 'events' || arn.accountId !== accountId || arn.region !== region) return
  return arn.resource.startsWith('event-bus/') ? arn.resource.slice('event-bus/'.length) : undefined
}
