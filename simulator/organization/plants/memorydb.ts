import { memoryDbOf } from '../../operations/memorydb.ts'
import { arnOf, type Cell, type Key, past } from '../cell.ts'
import { foreignKey, goneKey } from '../keys.ts'
import { oddNames } from '../odd-names.ts'
import { definePlant } from '../plant.ts'

/** Those of the simulated Regions where AWS does not offer MemoryDB. */
const NOT_OFFERED = new Set(
  'af-south-1 ap-northeast-3 ap-south-2 ap-southeast-3 ap-southeast-4 eu-central-2 il-central-1 me-central-1 me-south-1'.split(
    ' ',
  ),
)

/** MemoryDB clusters and their snapshots. */
export default definePlant({
  controls: {
    'memorydb-snapshots-use-approved-keys': ['memorydb'],
    'backup-keys-are-usable': ['memorydb'],
    'backup-keys-rotate': ['memorydb'],
  },
  plant(cell, { account, workload, density, story, random, dataKey }) {
    if (!workload || NOT_OFFERED.has(cell.region)) return
    const own: Cell = { ...cell, random }
    if (story && account === 'sandbox-ml' && cell.region === 'us-east-1') plantTraps(own)
    for (let i = 1; i <= density; i++) {
      if (random.chance(0.35))
        plantCluster(own, `ledger-${i}`, random.chance(0.6) ? dataKey : undefined)
    }
  },
})

/** What must not be judged fills the first page, so that the others come on the second; then keys that are not there. */
function plantTraps(cell: Cell): void {
  for (let i = 0; i < 50; i++) plantSnapshot(cell, { cluster: 'old-ledger', deleting: true })
  plantSnapshot(cell, { cluster: 'old-ledger' })
  plantSnapshot(cell, { cluster: 'old-ledger', key: goneKey(cell) })
  plantSnapshot(cell, { cluster: 'old-ledger', key: foreignKey(cell) })
}

function plantCluster(cell: Cell, name: string, key: Key | undefined): void {
  memoryDbOf(cell.state).clusters.push({
    Name: name,
    ARN: arnOf(cell, 'memorydb', `cluster/${name}`),
    Description: cell.random.pick(oddNames),
    Engine: 'valkey',
    Status: 'available',
    ...(key ? { KmsKeyId: key.arn } : {}),
    SnapshotRetentionLimit: cell.random.pick([0, 7, 35]),
  })
  plantSnapshot(cell, { cluster: name, key })
}

interface SnapshotOptions {
  cluster: string
  /** undefined: the key is MemoryDB's own. */
  key?: Key | undefined
  /** On its way out: not judged. */
  deleting?: boolean
}

function plantSnapshot(cell: Cell, { cluster, key, deleting = false }: SnapshotOptions): void {
  const { random } = cell
  const name = `${cluster}-${random.hex(8)}`
  const arn = arnOf(cell, 'memorydb', `snapshot/${name}`)
  memoryDbOf(cell.state).snapshots.push({
    Name: name,
    ARN: arn,
    Source: random.pick(['automated', 'manual']),
    Status: deleting ? 'deleting' : 'available',
    ...(key ? { KmsKeyId: key.arn } : {}),
    ClusterConfiguration: {
      Name: cluster,
      Engine: 'valkey',
      SnapshotRetentionLimit: 7,
      Shards: [{ Name: '0001', SnapshotCreationTime: past(cell) }],
    },
  })
  if (deleting) return
  const control = 'memorydb-snapshots-use-approved-keys'
  const approved = key?.approved ?? 'fail'
  cell.ledger.expect(cell, 'memorydb', control, approved, [arn, 'AwsMemoryDbSnapshot'])
  if (key) cell.ledger.hang(cell, 'memorydb', key)
}
