import { TokenBucket } from 'limiter'

interface Quota {
  /** Requests a second that AWS grants one account in one Region. */
  perSecond: number
  /** Requests that may come at once. */
  burst: number
}

/** Where AWS publishes no figure for an operation: an assumption, to be kept low. */
const UNPUBLISHED: Quota = { perSecond: 10, burst: 10 }

/**
 * Where AWS publishes none for a whole service: all of its operations together, for nothing says that each has a bucket of its
 * own. With one for each, RDS would be asked seven times as much as we take it to grant.
 */
const UNPUBLISHED_SERVICE: Quota = { perSecond: 10, burst: 20 }

/**
 * Published request quotas by service id of the SDK and operation; `*` is every other operation of the service. AWS Backup:
 * "Quotas" in its developer guide; EC2: "Request throttling", which says that each operation has a bucket of its own; KMS: "Request
 * quotas"; DynamoDB: its API reference and "Best practices for managing the control plane"; Organizations: "Quotas"; STS: IAM's quotas.
 */
const QUOTAS: Record<string, Record<string, Quota>> = {
  Backup: {
    GetBackupPlan: { perSecond: 15, burst: 15 },
    GetBackupSelection: { perSecond: 15, burst: 15 },
    GetBackupVaultAccessPolicy: { perSecond: 15, burst: 15 },
    GetBackupVaultNotifications: { perSecond: 15, burst: 15 },
    DescribeGlobalSettings: UNPUBLISHED,
    GetRestoreTestingSelection: UNPUBLISHED,
    DescribeRegionSettings: UNPUBLISHED,
    '*': { perSecond: 20, burst: 20 },
  },
  DynamoDB: {
    DescribeBackup: { perSecond: 10, burst: 10 },
    DescribeContinuousBackups: { perSecond: 10, burst: 10 },
    GetResourcePolicy: UNPUBLISHED,
    ListBackups: { perSecond: 5, burst: 5 },
    '*': { perSecond: 2500, burst: 2500 },
  },
  EC2: { '*': { perSecond: 20, burst: 100 } },
  KMS: {
    ListKeys: { perSecond: 500, burst: 500 },
    ListAliases: { perSecond: 500, burst: 500 },
    DescribeKey: { perSecond: 2000, burst: 2000 },
    GetKeyPolicy: { perSecond: 1000, burst: 1000 },
    GetKeyRotationStatus: { perSecond: 1000, burst: 1000 },
  },
  Organizations: {
    ListAccounts: { perSecond: 8, burst: 12 },
    ListPolicies: { perSecond: 5, burst: 8 },
    ListTargetsForPolicy: { perSecond: 5, burst: 8 },
    ListDelegatedAdministrators: { perSecond: 5, burst: 8 },
    DescribePolicy: { perSecond: 2, burst: 2 },
    '*': { perSecond: 1, burst: 2 },
  },
  'Resource Groups Tagging API': { '*': UNPUBLISHED },
  SecurityHub: { '*': { perSecond: 10, burst: 30 } },
  STS: { '*': { perSecond: 600, burst: 600 } },
  Account: { '*': { perSecond: 5, burst: 5 } },
}

/**
 * Quotas over all operations of a service together. CloudTrail: "Quotas", one figure for what gets, describes and lists; EventBridge:
 * "Quotas", one for all but PutEvents. S3 publishes none for what is asked of buckets: an assumption.
 */
const SERVICE_WIDE: Record<string, Quota> = {
  Backup: { perSecond: 50, burst: 50 },
  CloudTrail: { perSecond: 10, burst: 10 },
  DynamoDB: { perSecond: 2500, burst: 2500 },
  EventBridge: { perSecond: 50, burst: 50 },
  S3: { perSecond: 60, burst: 60 },
  STS: { perSecond: 600, burst: 600 },
}

/**
 * Quotas over several operations of a service. AWS Backup publishes one figure for its reads and one for its lists,
 * and not whether each operation has it for itself: taken for all together, they throttle nobody. DynamoDB says nothing of exports.
 */
const SHARED: Record<string, [operations: RegExp, quota: Quota][]> = {
  Backup: [
    [/^List/, { perSecond: 20, burst: 20 }],
    [/^(Get|Describe)/, { perSecond: 15, burst: 15 }],
  ],
  DynamoDB: [[/Exports?$/, UNPUBLISHED]],
}

/**
 * Of the share of what may come at once. Calls that were granted one after another may arrive together, where this process or the
 * network was held up; AWS counts them as they arrive, and a neighbour may be using all that is its own.
 */
const OF_THE_BURST = 0.8

/** Waits until one more call fits into the budget. */
export type Budget = (serviceId: string, operation: string, region: string) => Promise<void>

/**
 * The budgets of one account: a token bucket for each Region and API at a share of AWS's quota, so that the account's own
 * workloads keep the rest.
 * @param share how much of each quota may be used, above 0 and up to 1
 * @param options.spent whether the account was entered a moment ago: its buckets may be empty still, and fill from nothing
 */
export function accountBudget(share: number, { spent = false } = {}): Budget {
  const buckets = new Map<string, TokenBucket>()

  function bucket(key: string, quota: Quota, parentBucket?: TokenBucket): TokenBucket {
    const existing = buckets.get(key)
    if (existing) return existing
    const created = new TokenBucket({
      bucketSize: Math.max(1, quota.burst * share * OF_THE_BURST),
      tokensPerInterval: quota.perSecond * share,
      interval: 'second',
      ...(parentBucket ? { parentBucket } : {}),
    })
    // The library's buckets start empty; AWS's start full.
    created.content = spent ? 0 : created.bucketSize
    buckets.set(key, created)
    return created
  }

  return async function takeToken(serviceId, operation, region) {
    const quotas = QUOTAS[serviceId]
    const wide = SERVICE_WIDE[serviceId] ?? (quotas ? undefined : UNPUBLISHED_SERVICE)
    let parent = wide ? bucket(`${region} ${serviceId}`, wide) : undefined
    for (const [operations, shared] of SHARED[serviceId] ?? []) {
      if (!operations.test(operation)) continue
      parent = bucket(`${region} ${serviceId} ${operations}`, shared, parent)
    }
    const quota = quotas?.[operation] ?? quotas?.['*'] ?? wide ?? UNPUBLISHED
    await bucket(`${region} ${serviceId} ${operation}`, quota, parent).removeTokens(1)
  }
}
