const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** Verbs that only read from the cluster. Plugins that many people use are among them. */
export const READING = words(`
  api-resources api-versions attach cluster-info convert describe diff events explain get kustomize logs port-forward
  proxy top version wait
  access-matrix advise-psp allctx blame count cost-analyzer deprecations df-pv example explore foreach fuzzy get-all grep
  ktop kor lineage np-viewer outdated popeye pod-lens pv-usage rbac-lookup rbac-tool relay resource-capacity rolesum score
  service-tree sick-pods sniff sort-manifests status stern tail tree unused-volumes view-allocations view-cert
  view-quotas view-secret view-serviceaccount-kubeconfig view-utilization viewnode watch who-can whoami`)

/** Verbs that change only files or settings of this machine. */
export const LOCAL = words(`
  completion config ctx cu dry-run help images kc konfig krew kubeconfig kubeconfig-shell kuberc kubesec-scan login
  logout neat ns oidc-login options plugin project projects seal slice split-yaml switch-config whisper-secret`)

/** Verbs that take the resources they change as words. */
export const TAKES_RESOURCES = words('annotate autoscale delete edit label patch replace scale taint')

/** Of these, the verbs that take settings after the names. */
export const TAKES_SETTINGS = words('annotate label taint')

/** The verbs of groups that change something. What isn't in a group at all is unknown. */
export const GROUPS: Readonly<Record<string, { changes: ReadonlySet<string>; reads: ReadonlySet<string> }>> =
  {
    rollout: { changes: words('pause restart resume undo'), reads: words('history status') },
    set: {
      changes: words('env image resources selector serviceaccount sa subject'),
      reads: words(''),
    },
    certificate: { changes: words('approve deny'), reads: words('') },
    auth: { changes: words('reconcile'), reads: words('can-i whoami') },
  }

const OTHERS = words('apply argo cordon cp create debug drain exec expose run uncordon')

/** Whether a word is a verb that the guard knows. */
export function isVerb(word: string): boolean {
  const sets = [READING, LOCAL, TAKES_RESOURCES, OTHERS]
  return sets.some(set => set.has(word)) || Object.hasOwn(GROUPS, word)
}
