import { InvalidArgumentError } from 'commander'

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

/** Flags as the configuration names them. */
export function snakeCase<T extends object>(flags: T): never {
  const entries = Object.entries(flags).map(([key, value]) => [
    key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value,
  ])
  return Object.fromEntries(entries) as never
}
