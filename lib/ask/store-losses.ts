import type { Become } from './become.ts'
import type { FinishedRun, Row } from './finished-run.ts'
import type { KeyLoss } from './key-losses.ts'
import { destroyedNatives, destroyedStores, type Loss } from './losses.ts'
import type { People } from './people.ts'
import type { VaultFate } from './vault-fates.ts'

/** Where a data store has backups, and what becomes of them. */
export interface BackupPlace {
  place: 'vault' | 'native' | 'store' | 'immutable'
  /** Of a vault. */
  vault_arn: string | null
  /** As in the table of powers, of backups that a service keeps itself. */
  kind: string | null
  account_id: string
  /** Null where they are not counted: backups that a service keeps itself, and of the instance that a volume is attached to. */
  recovery_points: number | null
  loss: Loss | null
  kept: string | null
  /** Backups that stay, but whose keys can be destroyed: nobody could read them. */
  unreadable: boolean
}

/** What becomes of a data store. */
export interface StoreLoss {
  arn: string
  account_id: string
  region: string
  resource_type: string
  /** Null: it stays. */
  loss: Loss | null
  backups: BackupPlace[]
  /** Whether it was read where backups of its account are. */
  backups_known: boolean
  /** Whether something is left to restore it from; null where that hangs on a condition, or was not read. */
  restorable: boolean | null
}

/** What was found out before. */
export interface Known {
  all: readonly Become[]
  accounts: ReadonlySet<string>
  fates: ReadonlyMap<string, VaultFate>
  keys: readonly KeyLoss[]
}

/** What becomes of the data stores of the accounts that are reached, and of their backups wherever those are. */
export async function storeLosses(
  run: FinishedRun,
  people: People,
  { all, accounts, fates, keys }: Known,
): Promise<StoreLoss[]> {
  const rows = (await run.rows('data_stores')).filter(({ account_id }) =>
    accounts.has(String(account_id)),
  )
  const targets = rows.map(({ arn, account_id, region, tags }) => ({
    arn: String(arn),
    account: String(account_id),
    region: String(region),
    tags: typeof tags === 'string' ? JSON.parse(tags) : undefined,
  }))
  const losses = destroyedStores(all, targets, people)
  const places = await placesOf(run, people, { all, accounts, fates, keys })
  const unread = await accountsUnread(run)
  return rows.map((row) => {
    const arn = String(row.arn)
    const backups_known = !unread.has(String(row.account_id))
    const loss = losses.get(arn) ?? null
    const backups = (places.get(arn) ?? []).map((place) =>
      // What is a part of the data store goes with it.
      place.place === 'store'
        ? { ...place, loss, kept: loss ? null : 'the data store stays' }
        : place,
    )
    return {
      arn,
      account_id: String(row.account_id),
      region: String(row.region),
      resource_type: String(row.resource_type),
      loss,
      backups,
      backups_known,
      restorable: restorable(loss, backups, backups_known),
    }
  })
}

/** Accounts of which it was not read whole where backups are. */
async function accountsUnread(run: FinishedRun): Promise<ReadonlySet<string>> {
  const rows = await run.sql(
    "select distinct account_id from table_coverage where table_name = 'store_backups' and status = 'unread'",
  )
  return new Set(rows.map((row) => String(row.account_id)))
}

function restorable(
  loss: Loss | null,
  backups: readonly BackupPlace[],
  known: boolean,
): boolean | null {
  if (!loss) return true
  const left = backups.filter((one) => one.loss?.decision !== 'allowed')
  if (left.length === 0) return known && loss.decision === 'allowed' ? false : null
  return left.some((one) => one.loss === null && !one.unreadable) ? true : null
}

/** Where backups are, by the data store: those of its own account, and copies in others. */
async function placesOf(
  run: FinishedRun,
  people: People,
  { all, fates, keys, accounts }: Known,
): Promise<Map<string, BackupPlace[]>> {
  const own = await run.sql(
    'select account_id, region, store_arn, place, vault_arn, backup_kind from store_backups',
  )
  const points = await run.sql(`
    select p.source_arn, p.vault_arn, p.account_id, s.account_id as source_account, count(*) as n,
      count(*) - count(p.effective_key_arn) as keyless, string_agg(distinct p.effective_key_arn, ' ') as keys
    from recovery_points as p
    left join data_stores as s on s.arn = p.source_arn
    where p.status not in ('DELETING', 'CREATING')
    group by p.source_arn, p.vault_arn, p.account_id, s.account_id`)
  const lost = new Set(
    keys.filter(({ loss }) => loss.decision === 'allowed').map((key) => key.key_arn),
  )
  const held = new Map(points.map((row) => [`${row.source_arn} ${row.vault_arn}`, row]))
  const inVault = (vault: string, point: Row | undefined): BackupPlace => {
    const fate = fates.get(vault)
    const keysOf = String(point?.keys ?? '').split(' ')
    return {
      place: 'vault',
      vault_arn: vault,
      kind: null,
      account_id: fate?.account_id ?? vault.split(':')[4] ?? '',
      recovery_points: point ? Number(point.n) : null,
      loss: fate?.loss ?? null,
      kept: fate ? fate.kept : 'in a vault that was not read',
      unreadable: Number(point?.keyless) === 0 && keysOf.every((key) => lost.has(key)),
    }
  }
  const natives = new Map<string, Loss | undefined>()
  const found = new Map<string, BackupPlace[]>()
  const add = (store: string, place: BackupPlace) =>
    found.set(store, [...(found.get(store) ?? []), place])
  for (const row of own.filter(({ account_id }) => accounts.has(String(account_id)))) {
    const store = String(row.store_arn)
    if (row.place === 'vault') {
      add(store, inVault(String(row.vault_arn), held.get(`${store} ${row.vault_arn}`)))
      continue
    }
    const account = String(row.account_id)
    const region = store.split(':')[3] ?? ''
    const kind = String(row.backup_kind)
    const key = `${account} ${region} ${kind}`
    if (!natives.has(key))
      natives.set(
        key,
        destroyedNatives(all, { account, region, kind, partition: run.partition }, people),
      )
    add(store, nativePlace(row, natives.get(key)))
  }
  for (const row of points.filter(
    (one) => one.source_account && one.source_account !== one.account_id,
  ))
    add(String(row.source_arn), inVault(String(row.vault_arn), row))
  return found
}

function nativePlace({ place, backup_kind, account_id }: Row, loss: Loss | undefined): BackupPlace {
  const immutable = place === 'immutable'
  const gone = place === 'native' ? (loss ?? null) : null
  return {
    place: immutable ? 'immutable' : place === 'store' ? 'store' : 'native',
    vault_arn: null,
    kind: String(backup_kind),
    account_id: String(account_id),
    recovery_points: null,
    loss: gone,
    kept: gone ? null : immutable ? 'snapshots locked in compliance mode' : 'not permitted to it',
    unreadable: false,
  }
}
