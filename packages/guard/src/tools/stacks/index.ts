import type { Tool } from '../tool.ts'
import { ansible } from './ansible/ansible.ts'
import { ansibleConsole, ansibleGalaxy, ansiblePull } from './ansible/others.ts'
import { ansiblePlaybook } from './ansible/playbook.ts'
import { pulumi } from './pulumi.ts'
import { terraform } from './terraform.ts'
import { terragrunt } from './terragrunt.ts'

export const STACKS: readonly Tool[] = [
  terraform,
  terragrunt,
  pulumi,
  ansible,
  ansiblePlaybook,
  ansiblePull,
  ansibleGalaxy,
  ansibleConsole,
]
