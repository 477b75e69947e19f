import type { Collector } from './collectors/collector.ts'
import type { Config } from './config/schema.ts'
import type { Control } from './engine/controls.ts'
import { UsageError } from './usage-error.ts'

/** The collectors of the services that the configuration names; all where it names none. */
export function requestedCollectors(
  collectors: Map<string, Collector>,
  { services }: Config,
): Map<string, Collector> {
  const known = new Set([...collectors.values()].map((collector) => collector.service))
  const missing = services.filter((service) => !known.has(service))
  if (missing.length > 0) {
    const list = [...known].sort().join(', ')
    throw new UsageError(`no collector reads ${missing.join(', ')}; there are ${list}`)
  }
  if (services.length === 0) return collectors
  return new Map([...collectors].filter(([, { service }]) => services.includes(service)))
}

/** The controls that the configuration names, with its severities, and whether it has waivers of them. */
export function chosenControls(controls: Control[], config: Config): Control[] {
  const known = new Set(controls.map((control) => control.id))
  const named = [...config.controls, ...Object.keys(config.severities)]
  const missing = named.filter((id) => !known.has(id))
  if (missing.length > 0) throw new UsageError(`no such control: ${missing.join(', ')}`)
  return controls
    .filter(({ id }) => config.controls.length === 0 || config.controls.includes(id))
    .filter(({ setting }) => setting === undefined || isSet(config.settings[setting]))
    .map((control) => ({
      ...control,
      severity: config.severities[control.id] ?? control.severity,
      waived: config.waivers.some((waiver) => ['*', control.id].includes(waiver.control)),
    }))
}

/** A control that judges by a setting which has no default is not applicable while that is unset. */
function isSet(value: string | string[] | undefined): boolean {
  return value !== undefined && value.length > 0
}
