import { paging } from '../paging.ts'

/** A page of one of AWS Backup's lists. */
export const listed = paging({
  token: 'NextToken',
  limit: 'MaxResults',
  minimum: 1,
  maximum: 1000,
  badToken: 'InvalidParameterValueException',
  badLimit: 'InvalidParameterValueException',
})
