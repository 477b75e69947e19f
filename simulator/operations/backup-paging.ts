import { page } from '../paging.ts'

/** A page of one of AWS Backup's lists. */
export function listed<Item>(
  all: readonly Item[],
  list: string,
  input: { NextToken?: string; MaxResults?: number },
) {
  const { items, next } = page(all, {
    list,
    token: input.NextToken,
    limit: input.MaxResults,
    minimum: 1,
    maximum: 1000,
    standard: 1000,
    badToken: 'InvalidParameterValueException',
    badLimit: 'InvalidParameterValueException',
  })
  return { items, NextToken: next }
}
