import { InvalidArgumentError, Option } from 'commander'
import { type FailOn, withThreshold } from '../config/fail-on.ts'
import { isAddress, LAKE_IS_A_FOLDER } from '../config/lake-folder.ts'

/** The end of the help of whatever can fail. */
export const EXIT_CODES = `
Exit codes: 0 done; 1 --fail-on was met; 2 wrong usage or configuration; 3 nothing could be audited.`

/** Values separated by commas. */
export function commas(value: string): string[] {
  return value.split(',').map((part) => part.trim())
}

/** @throws InvalidArgumentError where it is none */
export function wholeNumber(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('it must be a whole number')
  return Number(value)
}

/** @throws InvalidArgumentError where it is an address */
export function lakeFolder(value: string): string {
  if (isAddress(value)) throw new InvalidArgumentError(LAKE_IS_A_FOLDER)
  return value
}

/** `--fail-on`, which may be given several times. */
export function failOnOption(what: string): Option {
  return new Option(
    '--fail-on <severity>',
    `exit with 1 where ${what} of this severity or a higher one; family=severity for one family; repeatable`,
  ).argParser((value, before: FailOn | undefined) => {
    try {
      return withThreshold(value, before)
    } catch (error) {
      throw new InvalidArgumentError(error instanceof Error ? error.message : String(error))
    }
  })
}

/** Flags as the configuration names them. */
export function snakeCase<T extends object>(flags: T): never {
  const entries = Object.entries(flags).map(([key, value]) => [
    key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value,
  ])
  return Object.fromEntries(entries) as never
}
