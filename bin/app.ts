#!/usr/bin/env node
import { loadConfig } from '../lib/config/load.ts'
import { strongroomApp } from '../lib/stack/strongroom-app.ts'
import { UsageError } from '../lib/usage-error.ts'

try {
  const config = await loadConfig(process.env.STRONGROOM_CONFIG ?? 'strongroom.yaml')
  const { app, bundles } = await strongroomApp(config, {
    outdir: process.env.CDK_OUTDIR ?? 'cdk.out',
  })
  app.synth()
  for (const [step, bytes] of Object.entries(bundles.bytes)) {
    console.error(`${step}: ${(bytes / 1e6).toFixed(1)} MB of code`)
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(error.message)
  process.exitCode = 2
}
