import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { loadCollectors } from '../../lib/collectors/load.ts'
import { python } from './peers.ts'

it('knows of the same absent services as the endpoint data that botocore publishes', async () => {
  const services = [...(await loadCollectors()).values()].map(({ service }) => service)
  const published = await python<Record<string, string[]>>('service_regions.py', services)
  const file = new URL('../../lib/aws/absent-services.json', import.meta.url)
  const shipped: Record<string, string[]> = JSON.parse(readFileSync(file, 'utf8'))
  for (const service of services) expect(shipped[service], service).toEqual(published[service])
})
