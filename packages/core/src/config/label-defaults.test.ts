import { expect, it } from 'vitest'
import { TrustProject } from '../../test/trust-project.ts'
import { labelCompleter, labelDefaults } from './label-defaults.ts'

it('each default is that of the nearest config file that names it', () => {
  const at = new TrustProject()
  at.says({ defaultScope: 'prod' })
  at.put('xdg/presence/config.json', { defaultScope: 'home', defaultNamespace: 'shop' })
  expect(labelDefaults(at.project, at.env)).toEqual({ scope: 'prod', namespace: 'shop' })
})

it('a file that names a server counts once this user trusts it', () => {
  const at = new TrustProject()
  at.says({ dsn: 'mysql://presence@db.example:3306/presence', defaultScope: 'prod' })
  expect(labelDefaults(at.project, at.env)).toEqual({})
  at.trustIt()
  expect(labelDefaults(at.project, at.env)).toEqual({ scope: 'prod' })
})

it('a broken config file completes nothing, and is no crash', () => {
  const at = new TrustProject()
  at.says({ defaultScope: 'PROD' })
  expect(labelCompleter(at.project, at.env)('node:k8s-1')).toBe('node:k8s-1')
})
