import { array, constantFrom, assert as hold, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { readYaml, textAt } from './index.ts'
import type { Yaml } from './value.ts'

const endless = { isOver: () => false }

/** The library's value with scalars as strings, as ours are. */
function asText(value: unknown): unknown {
  if (value === null || value === undefined) return null
  if (Array.isArray(value)) return value.map(asText)
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asText(inner)]))
  return String(value)
}

const plain = (value: Yaml): unknown => JSON.parse(JSON.stringify(value ?? null))

const SAMPLES = {
  'a manifest with two documents': `
# first
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web   # the name
  namespace: "shop"
  labels: {app: web, 'tier': "front end"}
spec:
  replicas: 3
  template:
    spec:
      containers:
      - name: web
        image: registry.local:5000/web:1.2
        args: [--port, "80",
          --verbose]
        command:
          - sh
          - -c
          - |
            echo kind: Service
            name: nobody
      - {name: side, image: x}
---
kind: Service
metadata: {name: web}
`,
  'a kubeconfig': `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: AAAA==
    server: https://10.0.0.1:6443
  name: prod
contexts:
- context: {cluster: prod, user: ana, namespace: shop}
  name: ana@prod
current-context: ana@prod
kind: Config
preferences: {}
users:
- name: ana
  user:
    token: secret
`,
  'a compose file': `name: shop
services:
  web:
    image: nginx
    ports:
      - "80:80"
  db:
    image: postgres
    environment:
      - A=b
volumes:
  data:
  logs: {}
`,
  'an inventory': `all:
  hosts:
    mail.example.com:
  children:
    webservers:
      hosts:
        foo.example.com:
        bar.example.com:
          http_port: 80
`,
  'lists in lists and empty items': `- - a
  - b
-
  - c
- key: v
  other: w
-
`,
  'text over several lines': `a: one
  two
  three
b: "four
  five"
c: 'it''s'
d: "tab\\there \\u00e9"
e: >-
  folded
f: last
`,
  json: JSON.stringify(
    { kind: 'List', items: [{ kind: 'Pod', metadata: { name: 'a', n: 1 } }, null] },
    null,
    2,
  ),
  'json on one line': '{"kind":"Pod","metadata":{"name":"a","labels":{"x":"y"}},"spec":{"c":["--x=1","b"]}}',
  'keys with colons and urls': `"a:b": c
http://x.y: z
url: http://x.y:80/z#no
time: 12:30
`,
  'windows line ends': 'a: b\r\nc:\r\n  - d\r\n',
}

describe('readYaml', () => {
  it.each(Object.entries(SAMPLES))('reads %s as the yaml library does', (_, text) => {
    const expected = parseAllDocuments(text).map(document => asText(document.toJS()))
    expect(readYaml(text, endless).map(plain)).toEqual(expected.map(each => trimmed(each)))
  })

  it('gives undefined for an alias, a template and a merge key, and does not expand anchors', () => {
    const [value] = readYaml(
      'a: &x {k: v}\nb: *x\nc: {{ .Values.name }}\nd:\n  <<: *x\n  n: m\ne: {f: *x}\n',
      endless,
    )
    expect(value).toEqual({
      a: { k: 'v' },
      b: undefined,
      c: undefined,
      d: { '<<': undefined, n: 'm' },
      e: { f: undefined },
    })
  })

  it('takes __proto__ for a key like others', () => {
    const [value] = readYaml('__proto__:\n  name: x\nb: {__proto__: {name: y}}', endless)
    expect(textAt(value, '__proto__', 'name')).toBe('x')
    expect(({} as Record<string, unknown>)['name']).toBeUndefined()
  })

  it('stops when the budget is over, with what it read', () => {
    let looks = 0
    const budget = { isOver: () => ++looks > 3 }
    const [value] = readYaml('- a\n'.repeat(100_000), budget)
    expect((value as readonly string[]).length).toBeLessThan(1_000)
  })

  it.each([
    ['deep flow', '['.repeat(100_000)],
    ['deep blocks', Array.from({ length: 3_000 }, (_, at) => `${' '.repeat(at)}a:`).join('\n')],
    ['deep items', '- '.repeat(50_000)],
    ['open quotes', `a: "${'x\n '.repeat(10_000)}`],
    ['many open quotes', 'a: "\n'.repeat(20_000)],
    ['many open braces', 'a: {\n'.repeat(20_000)],
    ['binary', String.fromCharCode(...Array.from({ length: 5_000 }, (_, at) => (at * 7919) % 256))],
  ])('answers on %s', (_, text) => {
    let looks = 0
    expect(() => readYaml(text, { isOver: () => ++looks > 100_000 })).not.toThrow()
  })

  it('answers on any text', () => {
    const piece = constantFrom(
      'a',
      ': ',
      ':',
      '- ',
      '\n',
      '  ',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '|',
      '>',
      '#',
      '&a ',
      '*a',
      '---',
      ',',
      '!x ',
    )
    hold(
      property(array(piece, { maxLength: 60 }), pieces => {
        readYaml(pieces.join(''), endless)
      }),
      { numRuns: 5_000 },
    )
    hold(property(string({ unit: 'binary', maxLength: 200 }), text => void readYaml(text, endless)))
  })
})

/** Block scalars are taken as they stand: neither folded nor chomped. */
function trimmed(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, inner: unknown) => (key === 'e' ? `${inner}\n` : inner))
}
