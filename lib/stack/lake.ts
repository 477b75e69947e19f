import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { Effect, type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Key } from 'aws-cdk-lib/aws-kms'
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  ObjectOwnership,
  StorageClass,
} from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'

export interface LakeProps {
  /** Whether the data outlives the stack. */
  readonly keep: boolean
}

const STAGING_DAYS = 7

/** The bucket that holds everything a run writes, its key, and the log of who read it. */
export class Lake extends Construct {
  readonly bucket: Bucket
  readonly key: Key
  readonly logs: Bucket

  constructor(scope: Construct, id: string, { keep }: LakeProps) {
    super(scope, id)
    const removalPolicy = keep ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY
    this.key = new Key(this, 'Key', {
      description: 'Encrypts what Strongroom reads and judges',
      enableKeyRotation: true,
      removalPolicy,
    })
    this.logs = new Bucket(this, 'Logs', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      // The service that delivers access logs cannot use a key of ours.
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      lifecycleRules: [{ id: 'logs', expiration: Duration.days(365) }],
      removalPolicy,
    })
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.KMS,
      encryptionKey: this.key,
      // One request to KMS for many objects, instead of one for each.
      bucketKeyEnabled: true,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      versioned: true,
      serverAccessLogsBucket: this.logs,
      serverAccessLogsPrefix: 'lake/',
      lifecycleRules: [
        ...['staging/', 'athena-results/', 'map-results/'].map((prefix) => ({
          id: prefix.replace('/', ''),
          prefix,
          expiration: Duration.days(STAGING_DAYS),
          noncurrentVersionExpiration: Duration.days(1),
        })),
        {
          id: 'old',
          noncurrentVersionExpiration: Duration.days(30),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
          expiredObjectDeleteMarker: true,
        },
        {
          id: 'inventory',
          prefix: 'inventory/',
          transitions: [
            { storageClass: StorageClass.INTELLIGENT_TIERING, transitionAfter: Duration.days(30) },
          ],
        },
      ],
      removalPolicy,
    })
  }

  /** `s3://` and the bucket's name. */
  get url(): string {
    return `s3://${this.bucket.bucketName}`
  }

  /** Lets it read what lies below the prefixes, and see what is not there. */
  grantRead(grantee: IGrantable, ...prefixes: string[]): void {
    this.#grant(grantee, ['s3:GetObject'], this.#below(prefixes))
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        actions: ['s3:ListBucket'],
        resources: [this.bucket.bucketArn],
        conditions: { StringLike: { 's3:prefix': prefixes.map((prefix) => `${prefix}*`) } },
      }),
    )
    this.#grant(grantee, ['kms:Decrypt'], [this.key.keyArn])
  }

  /** Lets it write below the prefixes. */
  grantWrite(grantee: IGrantable, ...prefixes: string[]): void {
    this.#grant(grantee, ['s3:PutObject', 's3:AbortMultipartUpload'], this.#below(prefixes))
    // A multipart upload decrypts what it puts together.
    this.#grant(grantee, ['kms:GenerateDataKey', 'kms:Decrypt'], [this.key.keyArn])
  }

  /** Lets Athena write results below the prefixes with the rights of the grantee: it looks after its own uploads. */
  grantUnload(grantee: IGrantable, ...prefixes: string[]): void {
    this.grantWrite(grantee, ...prefixes)
    this.#grant(grantee, ['s3:ListMultipartUploadParts'], this.#below(prefixes))
  }

  #below(prefixes: string[]): string[] {
    return prefixes.map((prefix) => this.bucket.arnForObjects(`${prefix}*`))
  }

  #grant(grantee: IGrantable, actions: string[], resources: string[]): void {
    const statement = new PolicyStatement({ effect: Effect.ALLOW, actions, resources })
    grantee.grantPrincipal.addToPrincipalPolicy(statement)
  }
}
