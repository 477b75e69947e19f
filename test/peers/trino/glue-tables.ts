import { literal } from '../../../lib/engine/engine.ts'
import { resourcesOf, type Template, textOf } from '../../stack/synthesized.ts'

/** A table as the synthesized template declares it in Glue. */
interface GlueTable {
  Name: string
  TableType: string
  Parameters: Record<string, unknown>
  PartitionKeys: GlueColumn[]
  StorageDescriptor: {
    Location: unknown
    InputFormat: string
    SerdeInfo: { SerializationLibrary: string }
    Columns: GlueColumn[]
  }
}

interface GlueColumn {
  Name: string
  Type: string
}

/** Hive's types by Trino's names, as Athena maps them. */
const TYPES: Record<string, string> = {
  string: 'varchar',
  boolean: 'boolean',
  int: 'integer',
  bigint: 'bigint',
  double: 'double',
  timestamp: 'timestamp(3)',
}

export interface TablesAt {
  schema: string
  /** URL that stands for the template's lake. */
  root: string
  /** `false` makes the keys columns as others are: a planner then knows of no partition that is missing, and leaves nothing out. */
  partitioned?: boolean
}

/** The statements that make the template's Glue tables in a catalog of Trino's. */
export function tableStatements(
  template: Template,
  { schema, root, partitioned = true }: TablesAt,
): string[] {
  return resourcesOf(template, 'AWS::Glue::Table').map(([, { Properties }]) => {
    const table = Properties.TableInput as GlueTable
    const at = (location: unknown) => literal(textOf(location).replace(/^s3:\/\/<[^>]+>/, root))
    const { StorageDescriptor: storage, Parameters: parameters, PartitionKeys: keys } = table
    if (!storage.SerdeInfo.SerializationLibrary.endsWith('ParquetHiveSerDe')) {
      throw new Error(`${table.Name} is no Parquet table`)
    }
    const properties = {
      format: "'PARQUET'",
      external_location: at(storage.Location),
      ...(partitioned
        ? { partitioned_by: `ARRAY[${keys.map(({ Name }) => literal(Name)).join(', ')}]` }
        : {}),
      ...(partitioned && parameters['projection.enabled'] === 'true'
        ? {
            partition_projection_enabled: 'true',
            partition_projection_location_template: at(parameters['storage.location.template']),
          }
        : {}),
    }
    const columns = [
      ...storage.Columns.map((column) => columnSql(column)),
      ...keys.map((key) => `${columnSql(key)}${partitioned ? projectionSql(key, parameters) : ''}`),
    ]
    const list = Object.entries(properties).map(([name, value]) => `${name} = ${value}`)
    return `CREATE TABLE hive.${schema}.${table.Name} (${columns.join(', ')}) WITH (${list.join(', ')})`
  })
}

function columnSql({ Name, Type }: GlueColumn): string {
  const type = TYPES[Type]
  if (!type) throw new Error(`${Name}: Glue's type ${Type} is not known here`)
  return `"${Name}" ${type}`
}

function projectionSql({ Name }: GlueColumn, parameters: Record<string, unknown>): string {
  const type = parameters[`projection.${Name}.type`]
  return type ? ` WITH (partition_projection_type = ${literal(String(type).toUpperCase())})` : ''
}
