import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { PRESENCE } from '../../../e2e/support/cli.ts'
import { newProject } from './untrusted.ts'

const KUBECONFIG = {
  'current-context': 'prod',
  contexts: [{ name: 'prod', context: { cluster: 'c', namespace: 'shop' } }],
  clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443' } }],
}

/** A user whose kubectl is set up, with this file in their project. */
function newUser(config: object = {}) {
  const at = newProject(config)
  at.put('kube.json', KUBECONFIG)
  const env = { PATH: process.env['PATH'], HOME: at.home, KUBECONFIG: `${at.project}/kube.json` }
  const guard = (args: readonly string[], input = '') => {
    const options = { cwd: at.project, env, input, encoding: 'utf8', timeout: 30_000 } as const
    const { status, stdout, stderr } = spawnSync(PRESENCE, ['guard', ...args], options)
    return { status, stdout, stderr }
  }
  const effects = (args: readonly string[]) => JSON.parse(guard(['--json', ...args]).stdout).effects
  return { ...at, guard, effects }
}

describe('presence guard', () => {
  it('says in words which labels a command would change, why, and what the guard does about them', () => {
    const { guard } = newUser({ guard: { modes: { node: 'require' } } })
    const said = guard(['--', 'kubectl', 'drain', 'k8s-1', '--ignore-daemonsets'])
    expect(said.status).toBe(0)
    expect(said.stdout).toMatch(/kubectl drain changes node:k8s-1, by "kubectl drain k8s-1/)
    expect(said.stdout).toContain('require: it is refused unless')
    expect(guard(['--', 'kubectl', 'get', 'pods']).stdout).toContain('changes nothing that the guard knows')
  })

  it('answers as JSON with the place of the words in the line', () => {
    const { effects } = newUser()
    const line = 'cd x && kubectl drain k8s-1'
    const [effect] = effects([line])
    expect(effect).toMatchObject({
      label: 'node:k8s-1',
      tool: 'kubectl',
      verb: 'drain',
      effect: 'changes',
      target: 'exact',
    })
    expect(line.slice(...effect.words)).toContain('drain')
    expect(effects(['--', 'kubectl', 'delete', 'pod', '$POD'])).not.toEqual([])
  })

  it('takes what follows -- as a command, also if it is named as a subcommand or has options of presence', () => {
    const { guard, effects } = newUser()
    expect(guard(['--', 'wrong', 'x']).stdout).toContain('changes nothing')
    expect(guard(['--cwd', '.', '--', 'wrong', 'x', '--note', 'y']).stdout).toContain('changes nothing')
    expect(effects(['--', 'kubectl', 'drain', 'k8s-1', '--json', '--cwd=/x'])).toHaveLength(1)
    expect(effects(['--', 'bash', '-c', 'kubectl drain "k8s-2"'])).toMatchObject([{ label: 'node:k8s-2' }])
  })

  it('reads the folder that --cwd names', () => {
    const { guard, put, effects } = newUser()
    put('src/pods.yaml', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'mail', namespace: 'shop' } })
    expect(effects(['--cwd', 'src', '--', 'kubectl', 'apply', '-f', 'pods.yaml'])).not.toEqual([])
    expect(guard(['--cwd', 'nowhere', '--', 'ls'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('is no folder'),
    })
  })

  it('needs a command or --batch, and not both', () => {
    const { guard } = newUser()
    expect(guard([])).toMatchObject({ status: 2, stderr: expect.stringContaining('needs a command') })
    expect(guard(['--batch', '--', 'ls'])).toMatchObject({ status: 2 })
    expect(JSON.parse(guard(['--json']).stdout)).toMatchObject({ error: { code: 'usage' } })
  })

  it('notes what an untrusted project says about the guard, and passes it over', () => {
    const { guard } = newUser({ guard: { ignore: ['kubectl *'] } })
    const said = guard(['--', 'kubectl', 'drain', 'k8s-1'])
    expect(said.stdout).toContain('node:k8s-1')
    expect(said.stderr).toMatch(/passes over ignore .*presence trust/s)
  })

  it('exits 2 if the config file is wrong', () => {
    const { guard } = newUser({ guard: { modes: { node: 'ask' } } })
    expect(guard(['--', 'kubectl', 'drain', 'k8s-1'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('guard.modes.node must be one of'),
    })
  })
})

describe('presence guard --batch', () => {
  it('answers each line by one line, also lines that are wrong, however they are', () => {
    const { guard } = newUser()
    const lines = [
      JSON.stringify('kubectl drain k8s-1'),
      '',
      'kubectl drain k8s-1',
      '{"line": 1}',
      '"unfinished',
      '7',
      JSON.stringify('echo "\u2028" && kubectl cordon k8s-2'),
      JSON.stringify(''),
      JSON.stringify(`kubectl delete pod ${'x'.repeat(1_000_000)}`),
      JSON.stringify(`echo ${'$('.repeat(500)}`),
      JSON.stringify("echo 'open"),
      JSON.stringify('\0\u0007\ud800'),
      JSON.stringify('kubectl uncordon k8s-1'),
    ]
    const said = guard(['--batch', '--json'], lines.join('\n'))
    const answers = said.stdout
      .trimEnd()
      .split('\n')
      .map(each => JSON.parse(each))
    expect(said.status).toBe(0)
    expect(answers).toHaveLength(lines.length)
    expect(answers.map(each => ('error' in each ? 'error' : 'effects'))).toEqual([
      'effects',
      ...Array.from({ length: 5 }, () => 'error'),
      ...Array.from({ length: 7 }, () => 'effects'),
    ])
    expect(answers[1].error.message).toContain('line 2 is not a JSON string')
    expect(answers[0].effects[0].label).toBe('node:k8s-1')
    expect(answers[6].effects[0].label).toBe('node:k8s-2')
    expect(answers.at(-1).effects[0].label).toBe('node:k8s-1')
  })

  it('answers nothing without input', () => {
    expect(newUser().guard(['--batch', '--json'])).toMatchObject({ status: 0, stdout: '' })
  })
})
