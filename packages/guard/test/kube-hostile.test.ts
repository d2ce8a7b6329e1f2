import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { analyze } from '../src/index.ts'
import { nodeContext } from '../src/node/index.ts'
import { contextOf } from './support/context.ts'

const folder = mkdtempSync(join(tmpdir(), 'presence-kubeconfig-'))
afterAll(() => rmSync(folder, { recursive: true }))

const GOOD = `current-context: prod
contexts: [{ name: prod, context: { cluster: prod, namespace: shop } }]
clusters: [{ name: prod, cluster: { server: "https://10.0.0.1" } }]
`
const config = { scopes: { 'https://10.0.0.1': 'prod' } }
const LINE = 'kubectl delete deploy web; kubectl drain k8s-1'
const WITHOUT_SCOPE = ['service:default/web', 'node:k8s-1']
const WITH_SCOPE = ['service:shop/web@prod', 'node:k8s-1@prod']

/** The labels of a line on this machine, with a kubeconfig that `make` writes. */
function labelsWith(make: (path: string) => void) {
  const home = mkdtempSync(join(folder, 'home-'))
  mkdirSync(join(home, '.kube'))
  make(join(home, '.kube/config'))
  const { effects, ranOut } = analyze(LINE, nodeContext({ cwd: folder, env: { HOME: home }, config }))
  return { labels: effects.map(({ label }) => label), ranOut }
}

describe('a kubeconfig on this machine', () => {
  it('gives namespace and scope, also by a link out of the home folder', () => {
    const elsewhere = join(folder, 'elsewhere')
    writeFileSync(elsewhere, GOOD)
    expect(labelsWith(path => symlinkSync(elsewhere, path)).labels).toEqual(WITH_SCOPE)
  })

  it.each([
    ['of 50 MB', path => writeFileSync(path, GOOD.padEnd(50 * 1024 * 1024))],
    ['that is a pipe', path => execFileSync('mkfifo', [path])],
    ['that is a link to a device', path => symlinkSync('/dev/zero', path)],
    ['that is a link to itself', path => symlinkSync(path, path)],
    ['that is a folder', path => mkdirSync(path)],
    [
      'that is binary',
      path => writeFileSync(path, Buffer.from(Array.from({ length: 9999 }, (_, at) => at * 7))),
    ],
    ['that is empty', path => writeFileSync(path, '')],
  ] as readonly [string, (path: string) => void][])('%s gives neither, and an answer at once', (_, make) => {
    expect(labelsWith(make)).toEqual({ labels: WITHOUT_SCOPE, ranOut: false })
  })
})

describe('a file with aliases that explode', () => {
  const ALIASES = Array.from({ length: 40 }, (_, at) =>
    at === 0 ? 'a0: &a0 [x, x]' : `a${at}: &a${at} [*a${at - 1}, *a${at - 1}]`,
  ).join('\n')
  const labels = (line: string, files: Readonly<Record<string, string>>) => {
    const { effects, ranOut } = analyze(line, contextOf({ files, config }))
    expect(ranOut).toBe(false)
    return effects.map(({ label }) => label)
  }

  it('is read as a kubeconfig without them', () => {
    expect(labels(LINE, { '/home/ana/.kube/config': `${ALIASES}\n${GOOD}` })).toEqual(WITH_SCOPE)
    const context = `${ALIASES}\ncurrent-context: prod\ncontexts: *a39\nclusters: *a39\n`
    expect(labels(LINE, { '/home/ana/.kube/config': context })).toEqual(WITHOUT_SCOPE)
  })

  it('is read as a manifest whose aliases are unknown', () => {
    const files = { '/srv/shop/a.yaml': `${ALIASES}\nkind: Service\nmetadata: { name: *a39 }\n` }
    expect(labels('kubectl apply -f a.yaml', files)).toEqual([null])
  })

  it('is read as a kustomization whose resources are unknown', () => {
    const files = { '/srv/shop/kustomization.yaml': `${ALIASES}\nresources: *a39\n` }
    expect(labels('kubectl apply -k .', files)).toEqual([null])
  })
})

describe('kustomizations that name each other', () => {
  it('are read a limited number of times', () => {
    const entries = Array.from({ length: 200 }, () => '  - .').join('\n')
    const context = contextOf({ files: { '/srv/shop/kustomization.yaml': `resources:\n${entries}\n` } })
    expect(analyze('kubectl apply -k .', context).effects).toMatchObject([{ label: null, target: 'unknown' }])
    expect(context.read.length).toBeLessThan(300)
  })
})

describe('a command with more names than a person types', () => {
  it.each([
    ['kubectl delete pod', ' ', ''],
    ['kubectl delete pod', ',', ''],
    ['kubectl delete', ' ', 'pod/'],
    ['kubectl delete', ',', ''],
    ['kubectl apply -f', ',', ''],
    ['kubectl drain', ' ', ''],
    ['helm uninstall', ' ', ''],
    ['argocd app delete', ' ', ''],
    ['flux suspend ks', ' ', ''],
  ])(
    'has a limited number of effects, and one with an unknown target: %s, by "%s"',
    (start, join, prefix) => {
      const line = `${start} ${Array.from({ length: 5_000 }, (_, at) => `${prefix}a${at}`).join(join)}`
      const { effects } = analyze(line, contextOf())
      expect(effects.length).toBeLessThan(250)
      expect(effects).toContainEqual(expect.objectContaining({ effect: 'changes', target: 'unknown' }))
    },
  )
})

describe('labels of the Kubernetes tools', () => {
  it.each([
    'kubectl create secret generic pw --from-literal=password=hunter2',
    'kubectl create secret generic pw --from-literal password=hunter2',
    'kubectl --token hunter2 --password hunter2 create secret docker-registry r --docker-password hunter2',
    'kubectl set env deploy/web PASSWORD=hunter2',
    'kubectl label pod web-0 token=hunter2',
    'kubectl patch secret pw -p \'{"stringData":{"a":"hunter2"}}\'',
    'kubectl --server https://ana:hunter2@10.0.0.1 delete pod web-0',
    'kubectl --context hunter2@x delete pod web-0 --as root',
    'kubectl apply -f https://ana:hunter2@example.org/x.yaml',
    'kubectl run web --image=x --env=PASSWORD=hunter2 -- --token hunter2',
    'helm upgrade web ./chart --set auth.password=hunter2 --password hunter2',
    'helm upgrade web https://ana:hunter2@example.org/web.tgz',
    'helm install https://ana:hunter2@example.org/web.tgz --generate-name',
    'argocd app set web -p password=hunter2 --auth-token hunter2',
    'argocd repo add https://ana:hunter2@example.org/x.git --password hunter2',
    'argocd account update-password --new-password hunter2',
    'flux create secret git auth --url=https://ana:hunter2@example.org --password hunter2',
    'flux bootstrap git --url=https://ana:hunter2@example.org --password hunter2',
  ])('have no secret of the line: %s', line => {
    const { effects } = analyze(line, contextOf())
    expect(effects.map(each => each.effect)).toContain('changes')
    for (const { label, verb } of effects) expect(`${label} ${verb}`).not.toContain('hunter2')
  })
})
