import type { SdkClient } from './meter.ts'
import { Sha256 } from './sha256.ts'

/**
 * The SDK copies the whole input and output of every call for its log, even where nobody takes it: a third of all that publishing
 * allocated. It does not where the logger has no `info` and `error`; the others it calls without asking. By its name the SDK knows
 * that it stands for none.
 */
class NoOpLogger {
  trace(): void {}
  debug(): void {}
  warn(): void {}
}

/** Configuration of every client, so that a call takes no more than it has to. */
export const frugal = { logger: new NoOpLogger(), sha256: Sha256 }

/**
 * What each client reads for itself in the environment and in AWS's configuration files, to be read by the first of an account for all: an account has
 * some 400 of them.
 */
export function sharedConfiguration({ config }: SdkClient): Record<string, unknown> {
  const { useDualstackEndpoint, useFipsEndpoint, userAgentAppId, authSchemePreference } =
    config as Record<string, unknown>
  return { useDualstackEndpoint, useFipsEndpoint, userAgentAppId, authSchemePreference }
}
