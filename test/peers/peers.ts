import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export const root = join(import.meta.dirname, '../..')
export const venv = join(root, '.venv')

export interface Outcome {
  code: number
  stdout: string
  stderr: string
}

/** What a peer may see of the outside: nothing but what the test hands to it, so that no real AWS credentials are used. */
export function isolated(variables: Record<string, string>): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: join(venv, 'home'),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
    NO_COLOR: '1',
    ...variables,
  }
}

/** Runs a script of `test/peers/python` and reads its JSON answer. */
export async function python<Answer>(
  script: string,
  args: string[],
  variables: Record<string, string> = {},
): Promise<Answer> {
  const file = join(import.meta.dirname, 'python', script)
  const { stdout } = await run(join(venv, 'bin/python'), [file, ...args], {
    env: isolated(variables),
    maxBuffer: 1 << 28,
  })
  return JSON.parse(stdout)
}

/** Runs the AWS CLI; never throws, since refusals are what is looked for. */
export function aws(args: string[], variables: Record<string, string>): Promise<Outcome> {
  // Said as an option too: for `rds` the CLI was seen to pass over the variable, and to look for AWS itself.
  const endpoint = ['--endpoint-url', variables.AWS_ENDPOINT_URL ?? 'http://127.0.0.1:9']
  return settle(join(venv, 'bin/aws'), [...endpoint, ...args], isolated(variables))
}

export function strongroom(args: string[], variables: Record<string, string>): Promise<Outcome> {
  return settle(process.execPath, [join(root, 'bin/strongroom.ts'), ...args], isolated(variables))
}

/** Starts a server and waits until `ready` finds what it looks for in what was printed so far. */
export async function startServer<Found>(
  command: string,
  args: string[],
  variables: Record<string, string>,
  ready: (printed: string) => Found | undefined,
): Promise<{ found: Found; child: ChildProcess }> {
  const child = spawn(command, args, {
    env: isolated(variables),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  const found = await new Promise<Found>((resolve, reject) => {
    const listen = (text: Buffer): void => {
      printed += text
      const result = ready(printed)
      if (result !== undefined) resolve(result)
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    child.on('error', reject)
    child.on('exit', (code) => reject(new Error(`${command} ended with ${code}: ${printed}`)))
  })
  return { found, child }
}

export async function stopServer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}

async function settle(
  command: string,
  args: string[],
  env: Record<string, string>,
): Promise<Outcome> {
  try {
    const { stdout, stderr } = await run(command, args, { env, maxBuffer: 1 << 28 })
    return { code: 0, stdout, stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as Outcome
    if (typeof code !== 'number') throw error
    return { code, stdout, stderr }
  }
}
