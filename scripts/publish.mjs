import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

// Publishes the given tarballs whose version npm lacks: .github/workflows/publish.yml. So a run that failed halfway can
// simply run again.
for (const file of process.argv.slice(2)) {
  const { name, version } = JSON.parse(run('tar', '-xzOf', file, 'package/package.json'))
  if (isPublished(name, version)) {
    console.log(`${name} ${version} is on npm already`)
    continue
  }
  run('npm', 'publish', resolve(file), '--provenance', '--access', 'public')
  console.log(`published ${name} ${version}`)
}

function isPublished(name, version) {
  const { status, stdout, stderr } = spawnSync('npm', ['view', `${name}@${version}`, 'version', '--json'], {
    encoding: 'utf8',
  })
  // Without an answer nobody knows. Only E404 says that the package, or this version, isn't there.
  if (status !== 0 && !`${stdout}${stderr}`.includes('E404')) throw new Error(`npm view failed: ${stderr}`)
  return status === 0 && stdout.trim() !== ''
}

function run(program, ...args) {
  const { status, stdout } = spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error(`${program} ${args[0]} failed`)
  return stdout
}
