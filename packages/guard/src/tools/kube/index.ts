import type { Tool } from '../tool.ts'
import { argocd } from './argocd.ts'
import { flux } from './flux.ts'
import { helm } from './helm.ts'
import { helmfile } from './helmfile.ts'
import { kubectl } from './kubectl/index.ts'
import { kustomize } from './kustomize.ts'

export const KUBE: readonly Tool[] = [kubectl, helm, helmfile, kustomize, argocd, flux]
