import type { Tool } from '../tool.ts'
import { ansible, ansibleConsole, ansibleGalaxy, ansiblePlaybook, ansiblePull } from './ansible/ansible.ts'
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
