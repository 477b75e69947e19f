import { Duration } from 'aws-cdk-lib'
import { JitterType, type RetryProps } from 'aws-cdk-lib/aws-stepfunctions'

/**
 * What Lambda itself could not do. Eight retries wait 2, 4, 8 … 60 seconds at most, four minutes in all, each anywhere below
 * that: a crowd of workers that was refused at once must not come back at once. CDK's own list leaves out the refusal for too
 * many requests.
 */
export const LAMBDA_RETRY: RetryProps = {
  errors: [
    'Lambda.TooManyRequestsException',
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.ClientExecutionTimeoutException',
  ],
  interval: Duration.seconds(2),
  backoffRate: 2,
  maxAttempts: 8,
  maxDelay: Duration.seconds(60),
  jitterStrategy: JitterType.FULL,
}

/** What a step ran into. Every step may be run again: what it writes has the same name, or is written if absent. */
export const STEP_RETRY: RetryProps = {
  errors: ['States.TaskFailed'],
  interval: Duration.seconds(10),
  backoffRate: 3,
  maxAttempts: 2,
  jitterStrategy: JitterType.FULL,
}
