import type { ExitCode, Output } from './output.ts'

/** What a command is given by the process that it runs in. */
export interface Door {
  output: Output
  /** Version of the package. */
  version: string
  /** Takes the exit code that the command's work ends with. */
  ends(work: Promise<ExitCode> | ExitCode): Promise<void>
  /** Aborted by Ctrl-C and by a request to end. */
  interrupted: AbortController
}
