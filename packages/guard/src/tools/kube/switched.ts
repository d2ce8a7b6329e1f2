import { parseFlags } from '../support/index.ts'
import type { Call, Word } from '../tool.ts'
import { FLAGS } from './kubectl/flags.ts'

/** What commands earlier in the line made of the kubeconfig. */
export interface Switched {
  /** The context that is current now, if a command changed it. Its text is undefined if it isn't known. */
  readonly context: Word | undefined
  /** True if a program made the context, so that it has no namespace. */
  readonly isNew: boolean
  /** The namespaces that contexts have now; that of the current one is under `CURRENT`. */
  readonly namespaces: ReadonlyMap<string, Word>
}

/** The key of a namespace that was set for whichever context was current. */
export const CURRENT = ''

/** Programs that write a context for a cluster into the kubeconfig, and make it the current one. */
const MAKERS =
  /^(aws eks update-kubeconfig|az aks get-credentials|gcloud container clusters get-credentials|doctl k(ubernetes|8s) cluster (kubeconfig save|create)|eksctl (create cluster|utils write-kubeconfig)|k(3d|ind) (cluster create|create cluster)|(minikube|crc) start|oc login|tsh kube login|civo k(ubernete|3)s config|linode-cli lke kubeconfig-view|ibmcloud ks cluster config)\b/

/** Finds `kubectl config use-context`, `kubens` and the like before a command in its line. */
export function switchedBefore({ earlier, isRemote, word }: Call): Switched {
  let context: Word | undefined
  let isNew = false
  const namespaces = new Map<string, Word>()
  const use = (name: Word) => {
    context = name.text === '-' ? { ...name, text: undefined } : name
    isNew = false
    namespaces.delete(CURRENT)
  }
  const setNamespace = (key: string, namespace: Word) => void namespaces.set(key, namespace)
  for (const each of earlier) {
    if (each.isRemote !== isRemote) continue
    if (each.name === 'kubectx') firstWord(each.args, use)
    else if (each.name === 'kubens') firstWord(each.args, name => setNamespace(CURRENT, name))
    else if (each.name === 'kubectl') byKubectl(each.args, { use, setNamespace })
    else if (MAKERS.test([each.name, ...each.args.map(arg => arg.text ?? '')].join(' '))) {
      context = { ...word, text: undefined }
      isNew = true
      namespaces.clear()
    }
  }
  return { context, isNew, namespaces }
}

interface Changes {
  use(name: Word): void
  setNamespace(key: string, namespace: Word): void
}

function byKubectl(args: readonly Word[], { use, setNamespace }: Changes) {
  const flags = parseFlags(args, FLAGS)
  const [verb, ...words] = flags.words
  if (verb?.text === 'ctx') return firstWord(words, use)
  if (verb?.text === 'ns') return firstWord(words, name => setNamespace(CURRENT, name))
  if (verb?.text !== 'config') return
  const [sub, name] = words
  if ((sub?.text === 'use-context' || sub?.text === 'use') && name) return use(name)
  const namespace = flags.value('namespace')
  if (sub?.text !== 'set-context' || !namespace) return
  if (flags.has('current')) setNamespace(CURRENT, namespace)
  else if (name?.text) setNamespace(name.text, namespace)
}

function firstWord(words: readonly Word[], take: (word: Word) => void) {
  const [first] = words
  if (first && !/^-./.test(first.text ?? first.start ?? '')) take(first)
}
