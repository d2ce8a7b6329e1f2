import * as pulumi from '@pulumi/pulumi'
import { describe, expect, it } from 'vitest'
import { refuseNever } from './policy.ts'

function planned(type: string, props: object, options: pulumi.ResourceOptions = {}) {
  return () => refuseNever({ type: `kubernetes:${type}`, name: 'it', props, options })
}

/** A workload whose containers have a secret in their environment. */
function told(part: string) {
  const env = [{ name: 'DSN', value: pulumi.secret('hunter') }]
  return { spec: { template: { spec: { [part]: [{ name: 'it', env }] } } } }
}

describe('the policy', () => {
  it.each([
    [
      'a Job without a deadline',
      planned('batch/v1:Job', { spec: { backoffLimit: 3 } }),
      'activeDeadlineSeconds',
    ],
    [
      'a Job without a limit',
      planned('batch/v1:Job', { spec: { activeDeadlineSeconds: 9 } }),
      'backoffLimit',
    ],
    ['a volume that can be deleted', planned('core/v1:PersistentVolumeClaim', {}), 'retainOnDelete'],
    ['a namespace that can be deleted', planned('core/v1:Namespace', {}), 'retainOnDelete'],
    [
      'a ConfigMap made from what may be secret',
      planned('core/v1:ConfigMap', { data: pulumi.secret({ password: 'hunter' }) }),
      'put secrets into a Secret',
    ],
    [
      'a ConfigMap with one value that may be secret',
      planned('core/v1:ConfigMap', { data: { plain: 'x', password: pulumi.secret('hunter') } }),
      'put secrets into a Secret',
    ],
    ['a Pod told a secret', planned('apps/v1:Deployment', told('containers')), 'in its command line or'],
    [
      'a Pod told one before',
      planned('apps/v1:Deployment', told('initContainers')),
      'in its command line or',
    ],
    [
      'a Job told a secret',
      planned('batch/v1:Job', {
        spec: {
          activeDeadlineSeconds: 9,
          backoffLimit: 0,
          template: { spec: { containers: [{ args: [pulumi.secret('hunter')] }] } },
        },
      }),
      'in its command line or environment',
    ],
    ['a CronJob', planned('batch/v1:CronJob', { spec: {} }), 'waits for its result'],
  ])('refuses %s', (_, plan, reason) => expect(plan).toThrow(reason))

  it.each([
    ['a Job that ends', planned('batch/v1:Job', { spec: { activeDeadlineSeconds: 9, backoffLimit: 0 } })],
    ['a volume that is kept', planned('core/v1:PersistentVolumeClaim', {}, { retainOnDelete: true })],
    ['a Service', planned('core/v1:Service', {})],
    [
      'a Pod that mounts a Secret of a name yet unknown',
      planned('apps/v1:Deployment', {
        spec: { template: { spec: { volumes: [{ secret: { secretName: pulumi.output('s') } }] } } },
      }),
    ],
  ])('allows %s', (_, plan) => expect(plan).not.toThrow())
})
