import { Stack } from 'aws-cdk-lib'
import { CfnNamedQuery, CfnWorkGroup } from 'aws-cdk-lib/aws-athena'
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue'
import { type IGrantable, ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import { glueTypes } from '../engine/athena-sql.ts'
import type { Table } from '../lake/table.ts'
import { hubTables } from '../securityhub/store.ts'
import type { Lake } from './lake.ts'
import type { NamedQuery } from './named-queries.ts'

export interface CatalogProps {
  readonly lake: Lake
  /** Name of the database and of the workgroup. */
  readonly name: string
  /** Every table of the lake, by name. */
  readonly tables: Record<string, Table>
  /** Tables that only staging has, by name. */
  readonly stagedOnly: Record<string, Table>
  readonly queries: readonly NamedQuery[]
  /** Bytes that one query may scan. */
  readonly bytesLimit: number
}

/** Where a table's partitions lie, and by what they are partitioned. */
const RESULTS: Record<string, { folder: string; keys: string[] }> = {
  findings: { folder: 'findings', keys: ['run_id', 'control_id'] },
  scores: { folder: 'scores', keys: ['run_id'] },
  ...Object.fromEntries(
    Object.keys(hubTables).map((name) => [name, { folder: name, keys: ['run_id', 'publication'] }]),
  ),
}

/** The lake as Athena sees it: a table for each that is declared, and the workgroup that may ask. */
export class Catalog extends Construct {
  readonly name: string
  readonly #lake: Lake

  constructor(scope: Construct, id: string, props: CatalogProps) {
    super(scope, id)
    const { lake, name, tables, stagedOnly, queries, bytesLimit } = props
    this.name = name
    this.#lake = lake
    const { account } = Stack.of(this)
    const database = new CfnDatabase(this, 'Database', {
      catalogId: account,
      databaseInput: {
        name,
        description: 'What Strongroom read of the organization, and its judgement',
      },
    })
    for (const [table, declared] of Object.entries(tables)) {
      const { folder, keys } = RESULTS[table] ?? { folder: `inventory/${table}`, keys: ['run_id'] }
      this.#table(table, declared, { folder, keys }).addResourceDependency(database)
    }
    const staged = Object.entries({ ...tables, ...stagedOnly }).filter(([table]) => !RESULTS[table])
    for (const [table, declared] of staged) {
      this.#stagingTable(table, declared).addResourceDependency(database)
    }
    const workgroup = new CfnWorkGroup(this, 'Workgroup', {
      name,
      description: 'Strongroom: limits what a query may scan, encrypts its result',
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: bytesLimit,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: `${lake.url}/athena-results/`,
          expectedBucketOwner: account,
          encryptionConfiguration: { encryptionOption: 'SSE_KMS', kmsKey: lake.key.keyArn },
        },
      },
    })
    for (const query of queries) {
      const saved = new CfnNamedQuery(this, `Query-${query.name}`, {
        database: name,
        workGroup: name,
        name: query.name,
        description: query.description,
        queryString: query.sql,
      })
      saved.addResourceDependency(workgroup)
      saved.addResourceDependency(database)
    }
  }

  /** Lets it ask the workgroup about tables of the lake; what their partitions hold must be granted besides. */
  grantQuery(grantee: IGrantable, ...tables: string[]): void {
    const { partition, region, account } = Stack.of(this)
    this.#allow(
      grantee,
      ['StartQueryExecution', 'StopQueryExecution', 'GetQueryExecution', 'GetQueryResults'].map(
        (action) => `athena:${action}`,
      ),
      [`arn:${partition}:athena:${region}:${account}:workgroup/${this.name}`],
    )
    this.#allow(
      grantee,
      ['athena:GetDataCatalog'],
      [`arn:${partition}:athena:${region}:${account}:datacatalog/AwsDataCatalog`],
    )
    this.#allow(
      grantee,
      ['glue:GetDatabase', 'glue:GetTable', 'glue:GetPartition', 'glue:GetPartitions'],
      this.#glueArns(tables),
    )
    this.#allow(grantee, ['s3:GetBucketLocation'], [this.#lake.bucket.bucketArn])
    this.#lake.grantRead(grantee, 'athena-results/')
    this.#lake.grantUnload(grantee, 'athena-results/')
  }

  /** Lets it register partitions of tables. */
  grantRegister(grantee: IGrantable, ...tables: string[]): void {
    this.#allow(
      grantee,
      ['glue:BatchCreatePartition', 'glue:CreatePartition'],
      this.#glueArns(tables),
    )
  }

  /** Lets it count what it has unloaded. */
  grantCount(grantee: IGrantable): void {
    const { partition, region, account } = Stack.of(this)
    this.#allow(
      grantee,
      ['athena:GetQueryRuntimeStatistics'],
      [`arn:${partition}:athena:${region}:${account}:workgroup/${this.name}`],
    )
  }

  /** Lets it replace the views that name the newest run. */
  grantReplaceViews(grantee: IGrantable): void {
    this.#allow(grantee, ['glue:CreateTable', 'glue:UpdateTable'], this.#glueArns(['latest_*']))
  }

  /** A policy for people who ask questions: everything of the lake that is published, and nothing to change. */
  analystPolicy(): ManagedPolicy {
    const policy = new ManagedPolicy(this, 'Analyst', {
      description: 'Asks the lake of Strongroom through Athena, and reads its reports',
    })
    this.grantQuery(policy, '*')
    const hubs = Object.keys(hubTables).map((table) => `${table}/`)
    this.#lake.grantRead(policy, 'inventory/', 'findings/', 'scores/', 'reports/', ...hubs)
    return policy
  }

  #allow(grantee: IGrantable, actions: string[], resources: string[]): void {
    grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions, resources }))
  }

  #glueArns(tables: string[]): string[] {
    const { partition, region, account } = Stack.of(this)
    const glue = `arn:${partition}:glue:${region}:${account}`
    return [
      `${glue}:catalog`,
      `${glue}:database/${this.name}`,
      ...tables.map((table) => `${glue}:table/${this.name}/${table}`),
    ]
  }

  #table(name: string, table: Table, at: { folder: string; keys: string[] }): CfnTable {
    const keys = at.keys.map((key) => ({ name: key, type: 'string' }))
    return this.#glueTable(`Table-${name}`, name, { table, keys, folder: at.folder })
  }

  /** What attempts wrote: Athena finds a run's folder by its name, so that nothing has to be registered. */
  #stagingTable(name: string, table: Table): CfnTable {
    const keys = [{ name: 'run_id', type: 'string' }]
    return this.#glueTable(`Staging-${name}`, `staging_${name}`, {
      table,
      keys,
      folder: 'staging',
      parameters: {
        'projection.enabled': 'true',
        'projection.run_id.type': 'injected',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: Athena fills it in.
        'storage.location.template': `${this.#lake.url}/staging/${'${run_id}'}/${name}/`,
      },
    })
  }

  #glueTable(id: string, name: string, options: GlueTableOptions): CfnTable {
    const { table, keys, folder, parameters = {} } = options
    const columns = Object.entries(table.columns).filter(
      ([column]) => !keys.some((key) => key.name === column),
    )
    return new CfnTable(this, id, {
      catalogId: Stack.of(this).account,
      databaseName: this.name,
      tableInput: {
        name,
        description: table.description,
        tableType: 'EXTERNAL_TABLE',
        parameters: { classification: 'parquet', ...parameters },
        partitionKeys: keys,
        storageDescriptor: {
          location: `${this.#lake.url}/${folder}/`,
          inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
          outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
          serdeInfo: {
            serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
          },
          columns: columns.map(([column, { type, description }]) => ({
            name: column,
            type: glueTypes[type],
            comment: description.slice(0, 255),
          })),
        },
      },
    })
  }
}

interface GlueTableOptions {
  table: Table
  keys: { name: string; type: string }[]
  folder: string
  parameters?: Record<string, string>
}
