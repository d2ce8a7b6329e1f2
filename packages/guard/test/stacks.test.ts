import { describe, expect, it } from 'vitest'
import { analyze, purposeOf } from '../src/index.ts'
import { contextOf } from './support/context.ts'

const lines = (count: number, line: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join('\n')

const told = (command: string, files: Readonly<Record<string, string>>) =>
  analyze(command, contextOf({ files })).effects.map(each => each.label)

describe('a hostile inventory gets an answer', () => {
  const inventories: Readonly<Record<string, string>> = {
    'with ranges of ranges': lines(50, () => 'x[1:100000][1:100000][a:z]'),
    'of 80,000 hosts': lines(80_000, at => `h${at}`),
    'of 80,000 groups': lines(80_000, at => `[g${at}]`),
    'with groups of the same 4,000 hosts': lines(1_900, at => `[g${at}]\nx[1:4000]`),
    'with a chain of groups': `${lines(1_900, at => `[g${at}:children]\ng${at + 1}`)}\n[g1900]\nx[1:5000]`,
    'with groups that double': `${lines(60, at => `[g${at}:children]\ng${at + 1}\nh${at}\n[h${at}:children]\ng${at + 1}`)}\n[g60]\nx[1:70]`,
    'that is a YAML alias': lines(30, at => `b${at}: &b${at} [*b0,*b0,*b0]`),
    'that isn’t closed': '[web\nweb1',
  }

  it.each(Object.entries(inventories))('%s', (_, text) => {
    expect(told('ansible "g*:&g0*:!x1" -i hosts -m reboot', { '/srv/shop/hosts': text })).toEqual([null])
  })

  it('also through its playbook and patterns', () => {
    const files = {
      '/srv/shop/hosts': 'h[1:5000]',
      '/srv/shop/loop.yml': '- import_playbook: loop.yml\n- hosts: all\n'.repeat(200),
      '/srv/shop/plays.yml': lines(20_000, at => `- hosts: h${at}*`),
    }
    expect(told('ansible-playbook -i hosts loop.yml', files)).toEqual([null])
    expect(told('ansible-playbook -i hosts plays.yml', files)).toContain(null)
    expect(told(`ansible "${'h*:'.repeat(20_000)}" -i hosts -m reboot`, files)).toEqual([null])
    expect(told(`ansible all -i hosts -m reboot -l "${lines(20_000, at => `!h${at}*`)}"`, files)).toEqual([
      null,
    ])
  })
})

describe('a secret of a command', () => {
  const secrets = [
    'terraform apply -var password=hunter2 -var-file hunter2.tfvars',
    'terraform init -migrate-state -backend-config "conn_str=postgres://ana:hunter2@db/x"',
    'TF_VAR_password=hunter2 terragrunt run --all apply',
    'pulumi up -s dev -c db:password=hunter2',
    'PULUMI_CONFIG_PASSPHRASE=hunter2 pulumi destroy -y',
    'pulumi env set acme/prod password hunter2',
    'ansible-playbook -i web, all.yml -e password=hunter2 --vault-password-file hunter2',
    'ansible all -i web, -m user -a "name=ana password=hunter2"',
    'ansible all -i web, -m shell -a "echo hunter2 | passwd --stdin ana"',
    'ansible all -i web, -m hunter2!',
    'aws rds modify-db-instance --db-instance-identifier shop --master-user-password hunter2',
    'aws ec2 hunter2! --instance-ids i-1',
    'gcloud compute instances add-metadata web-1 --metadata password=hunter2',
    'gcloud sql users set-password root --instance shop --password hunter2',
    'az vm user update -g shop -n web-1 -u ana -p hunter2',
    'az vm HUNTER2 -n web-1',
  ]

  it.each(secrets)('is in no effect and no purpose: %s', command => {
    const { effects } = analyze(command, contextOf({ files: { '/srv/shop/all.yml': '- hosts: all\n' } }))
    expect(effects.length).toBeGreaterThan(0)
    expect(JSON.stringify(effects) + purposeOf(effects)).not.toMatch(/hunter2/i)
  })
})
