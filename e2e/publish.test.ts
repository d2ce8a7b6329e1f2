import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { run } from './support/cli.ts'
import { scratchFolder } from './support/scratch.ts'

const ROOT = join(import.meta.dirname, '..')
const WORKFLOW = readFileSync(join(ROOT, '.github/workflows/publish.yml'), 'utf8')
const job = parse(WORKFLOW).jobs.publish

/** A tarball with only a manifest. */
function tarball(folder: string, name: string, version: string): string {
  const file = join(folder, `${name.slice(1).replace('/', '-')}-${version}.tgz`)
  mkdirSync(join(folder, 'package'), { recursive: true })
  writeFileSync(join(folder, 'package/package.json'), JSON.stringify({ name, version }))
  execFileSync('tar', ['-czf', file, '-C', folder, 'package'])
  return file
}

/** Runs the script with a stand-in for npm, whose `view` runs the given shell code. */
async function publish(files: (folder: string) => readonly string[], view: string) {
  const folder = scratchFolder()
  const log = join(folder, 'published')
  const npm = `#!/bin/sh\ncase $1 in view) ${view} ;; *) echo "$*" >>'${log}' ;; esac\n`
  writeFileSync(join(folder, 'npm'), npm, { mode: 0o755 })
  const said = await run(process.execPath, [join(ROOT, 'scripts/publish.mjs'), ...files(folder)], {
    env: { PATH: `${folder}:${process.env['PATH']}` },
    cwd: folder,
  })
  return { said, calls: existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [] }
}

const BOTH = (folder: string) =>
  ['@presence/core', '@presence/cli'].map(name => tarball(folder, name, '1.2.3'))

describe('publishing', () => {
  it('is off until the variable PUBLISH_TO_NPM of the repository is true', () => {
    expect(job.if.split(' && ')).toContain("vars.PUBLISH_TO_NPM == 'true'")
    expect(readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8')).toContain('`PUBLISH_TO_NPM`')
  })

  it('is done from main only, also in a run that was started by hand', () => {
    expect(parse(WORKFLOW).on.push).toEqual({ branches: ['main'] })
    expect(job.if.split(' && ')).toContain("github.ref == 'refs/heads/main'")
    expect(job.if).not.toContain('||')
  })

  it('may get a proof of its identity, and write nothing to the repository', () => {
    expect(parse(WORKFLOW).permissions).toEqual({ contents: 'read' })
    expect(job.permissions).toEqual({ contents: 'read', 'id-token': 'write' })
  })

  it('publishes with provenance what npm lacks', async () => {
    const { said, calls } = await publish(
      BOTH,
      'case $2 in @presence/core@1.2.3) echo \'"1.2.3"\' ;; *) echo "npm error code E404" >&2; exit 1 ;; esac',
    )
    expect(said).toMatchObject({ status: 0, stderr: '' })
    expect(calls).toEqual([
      expect.stringMatching(/^publish \/.*presence-cli-1\.2\.3\.tgz --provenance --access public$/),
    ])
  })

  it.each([
    ['gives no answer', 'echo "npm error code ECONNREFUSED" >&2; exit 1'],
    ['denies access', 'echo "npm error code E403" >&2; exit 1'],
  ])('publishes nothing if npm %s', async (_, view) => {
    const { said, calls } = await publish(BOTH, view)
    expect(said.status).toBe(1)
    expect(calls).toEqual([])
  })
})
