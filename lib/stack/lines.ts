import { Arn, ArnFormat, Stack } from 'aws-cdk-lib'
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import {
  type IItemReader,
  type ItemReaderProps,
  QueryLanguage,
  ResultWriterV2,
} from 'aws-cdk-lib/aws-stepfunctions'
import type { Lake } from './lake.ts'

/**
 * Reads the items of a Map from a file of the lake, one JSON document a line. CDK's own reader would be allowed the whole bucket;
 * here the state machine's role is granted the folder.
 */
export function linesOf({ bucket }: Lake, key: string): IItemReader & ItemReaderProps {
  const resource = Arn.format(
    {
      service: 'states',
      region: '',
      account: '',
      resource: 's3:getObject',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    },
    Stack.of(bucket),
  )
  return {
    bucket,
    resource,
    render: (language?: QueryLanguage) => {
      if (language === QueryLanguage.JSONATA) throw new Error('the pipeline speaks JSONPath')
      return {
        Resource: resource,
        ReaderConfig: { InputType: 'JSONL' },
        Parameters: { Bucket: bucket.bucketName, 'Key.$': key },
      }
    },
    providePolicyStatements: () => [],
    validateItemReader: () => [],
  }
}

/** Writes what became of the children of a Map; the state machine's role is granted the folder. */
export class MapResults extends ResultWriterV2 {
  constructor({ bucket }: Lake) {
    super({ bucket, prefix: 'map-results' })
  }

  override providePolicyStatements(): PolicyStatement[] {
    return []
  }
}
